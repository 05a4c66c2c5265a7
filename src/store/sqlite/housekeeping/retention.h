// What Store::expire() does: removes old events, whole and in order, with all that hangs on them, and old
// answers, a bounded number of rows a call. Part of the writer; its thread.
//
// An event goes first and its attempts and delivery rows after it. When they are too many for one call, the
// event's number is kept in meta.expiring, in the same transaction, and the next call goes on there; also
// after a crash. Events that share packs of successes (success_rows.h) are handled together, so that a pack
// is written anew once and not for each of them.
#pragma once

#include <bitset>
#include <optional>
#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/lane_marks.h"
#include "store/sqlite/rows/success_rows.h"

namespace exposee::store {

// An event that is gone and of which attempts or rows are left; zero: there is none.
Result<EventSeq> half_removed(Database& db);

class Retention {
 public:
  Retention(Database& db, LaneMarks& marks) : db_(db), marks_(marks) {}
  Result<Expired> expire(Instant events_before, Instant replies_before, std::uint64_t limit);
  void note_packed(std::span<const BacklogPack> packs);  // they are being put
  // Of the events whose attempts and rows the turn has, those that were removed; in order.
  Result<std::vector<EventSeq>> gone(const Turn& turn);
  void forget() {  // after a rollback
    forget_place();
    last_removed_.reset();
  }

 private:
  void forget_place() {
    kept_to_ = {};
    packed_ = {};
  }
  Result<void> expire_events(Instant before);
  Result<std::vector<EventSeq>> candidates(Instant before);
  Result<std::vector<EventSeq>> candidates_between(EventSeq first, EventSeq last, Instant before);
  Result<bool> look_up_packed(EventSeq event);
  Result<bool> has_pending_row(EventSeq event);
  Result<bool> finish_begun();  // each: false when the call's limit came first
  Result<bool> remove(std::span<const EventSeq> neighbours);
  Result<bool> is_plain(std::span<const EventSeq> neighbours, const SuccessRemover& successes);
  Result<void> remove_plain(std::span<const EventSeq> neighbours, SuccessRemover& successes);
  Result<bool> remove_each(std::span<const EventSeq> neighbours, SuccessRemover& successes);
  Result<bool> finish(EventSeq event, SuccessRemover& successes);
  Result<void> remove_rows(EventSeq event);
  Result<bool> has_rows(EventSeq first, EventSeq last);
  Result<void> expire_replies(Instant before);

  Database& db_;
  LaneMarks& marks_;
  std::optional<EventSeq> last_removed_;  // highest of all; nothing: not read yet
  EventSeq kept_to_;                      // looked at up to here: what is left below is still owed
  // Which events of one block stand in packs, or stood there since the block was first looked at. Packs change
  // from one call to the next: marks go past events that were packed meanwhile, and an event goes over from one
  // pack into another. So every pack that is put counts too, and at worst an event goes later than it could.
  struct Packed {
    PackKey looked_to;  // of the packs in order of (first event, endpoint)
    bool complete = false;
    std::bitset<kPackBlock> events;
    void add(const std::vector<EventSeq>& packed) {
      for (const auto event : packed) events.set(event.value % kPackBlock);
    }
  };
  std::optional<Packed> packed_;
  std::uint64_t limit_ = 0;
  Expired done_;  // by this call
};

}  // namespace exposee::store

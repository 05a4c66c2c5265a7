// What Store::expire() does of events: removes old ones with all that hangs on them, about so many rows a
// step as it is told. Part of the writer; its thread.
//
// Events that share packs of successes lie in one place (success_pack.h) and go together, and then what they
// leave (rows/removed_place.h). When that is too much for one step, meta.expiring says so in the same
// transaction, and the next step goes on there; also after a crash. What was left in a place that could not
// be read to its end is looked for at the beginning of each round. What may go is found out before the
// transaction: SQLite writes nothing more in one that has met damage. What is damaged, or the disk does not
// read, is told once and passed over (passed_over.h), and all else goes.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/housekeeping/passed_over.h"
#include "store/sqlite/rows/event_rows.h"
#include "store/sqlite/rows/lane_marks.h"
#include "store/sqlite/rows/removed_place.h"

namespace exposee::store {

// An event that is gone and of which attempts or rows are left; zero: there is none.
Result<EventSeq> half_removed(Database& db);

class Retention {
 public:
  Retention(Database& db, LaneMarks& marks) : db_(db), marks_(marks), place_(db) {}
  // A step: first what may go, whether anything does; and then, in a transaction, it goes.
  Result<bool> plan(Instant before, std::uint64_t limit);
  Result<void> remove();
  const Expired& done() const { return step_.done; }
  // After a step that met what cannot be read, which is of one place, and was rolled back. False: nothing can
  // be done without it.
  Result<bool> pass_over(const Error& unread);
  void note_packed(std::span<const BacklogPack> packs);  // they are being put
  // Of the events whose attempts and rows the turn has, those that were removed; in order.
  Result<std::vector<EventSeq>> gone(const Turn& turn);
  void settle();  // after a commit
  void forget();  // after a rollback

 private:
  static constexpr std::uint64_t kAsManyAsMayGo = std::uint64_t{1} << 32;
  // One that may go, and how much there is to remove of it alone.
  struct OldEvent {
    EventSeq seq;
    std::uint64_t rows = 0;
  };
  struct Step {
    std::uint64_t limit = 0, used = 0;  // rows
    EventSeq began_at;                  // kept_to_ before what is not committed yet
    EventSeq begun;                     // half removed by an earlier one
    EventSeq rest;                      // of a place that was given up; zero: none
    std::vector<OldEvent> events;
    std::uint64_t looked_at = 0;  // events that stay
    Expired done;
    bool is_spent() const { return used >= limit; }
    bool has_looked() const { return looked_at >= limit; }
  };
  void begin_anew();
  Result<void> plan_begun();
  Result<void> find_old(Instant before);
  Result<void> find_rest();
  Result<EventSeq> end_of_rests();
  Result<EventSeq> next_rest(EventSeq from, EventSeq last);
  Result<EventSeq> find_between(EventSeq first, EventSeq last, Instant before);
  Result<EventSeq> next_event(EventSeq last);
  Result<bool> look_up_packed(EventSeq event);
  Result<bool> has_pending_row(EventSeq event);
  Result<EventSeq> highest_removed();
  Result<bool> finish_begun();  // each: false when the step's limit came first
  Result<bool> finish_rest();
  Result<bool> remove(std::span<const OldEvent> neighbours);
  Result<bool> finish(EventSeq event);
  Result<void> remove_events(std::span<const OldEvent> neighbours);
  Result<void> remove_planned();
  Result<void> note_removed();

  Database& db_;
  LaneMarks& marks_;
  RemovedPlace place_;
  std::optional<EventSeq> last_removed_;  // highest of all; nothing: not read yet
  EventSeq kept_to_;                      // looked at up to here: what is left below is still owed
  std::optional<EventSeq> rests_to_{EventSeq{}};  // rests were looked for up to here; nothing: to their end
  // Which events of one block stand in packs, or stood there since the block was first looked at. Packs change
  // from one step to the next: marks go past events that were packed meanwhile, and an event goes over from one
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
  // What the step is at, so that it can be passed over.
  enum class At : std::uint8_t { elsewhere, events, rests, stretch };
  struct Doing {
    At what = At::elsewhere;
    SeqRange range{};  // events, rests: what begins there cannot be read; stretch: all of it
  };
  static Doing at_place(EventSeq event) {
    const auto place = PackPlace::of({event, {}});
    return {At::stretch, {place.first_event(), place.last_event()}};
  }
  Result<std::optional<EventSeq>> readable_behind(const Doing& doing);
  Doing doing_;
  PassedOver passed_over_;
  Step step_;
  std::uint64_t ahead_ = kAsManyAsMayGo;  // events to be looked for: not many more than a step comes to remove
};

}  // namespace exposee::store

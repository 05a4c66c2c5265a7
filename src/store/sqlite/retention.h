// What Store::expire() does: removes old events, whole and in order, with all that hangs on them, and old
// answers, a bounded number of rows a call. Part of the writer; its thread.
//
// An event goes first and its attempts and delivery rows after it. When they are too many for one call, the
// event's number is kept in meta.expiring, in the same transaction, and the next call goes on there; also
// after a crash.
#pragma once

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace exposee::store {

class Retention {
 public:
  explicit Retention(Database& db) : db_(db) {}
  Result<Expired> expire(Instant events_before, Instant answers_before, std::uint64_t limit);
  void forget() { kept_to_ = {}; }  // after a rollback

 private:
  Result<void> expire_events(Instant before);
  Result<std::vector<EventSeq>> candidates(Instant before);
  Result<std::vector<EventSeq>> candidates_after(EventSeq after, EventSeq last, Instant before);
  Result<bool> finish(EventSeq event);  // false: the call's limit came first
  Result<void> remove_rows(EventSeq event);
  Result<bool> has_rows(EventSeq event);
  Result<void> expire_answers(Instant before);

  Database& db_;
  EventSeq kept_to_;  // looked at up to here: what is left below had a pending row
  std::uint64_t limit_ = 0;
  Expired done_;  // by this call
};

}  // namespace exposee::store

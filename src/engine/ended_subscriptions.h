// Subscriptions that have ended leave the store once no event of their time is kept: so an endpoint that
// changes often costs what it keeps, and no more. All subscriptions are gone through, some a step, as long as
// some have ended. Owned by Housekeeping; engine's thread.
#pragma once

#include "engine/chores.h"
#include "ports/store.h"

namespace exposee::engine {

constexpr Duration kEndedSoon{10'000};       // between steps that remove some
constexpr Duration kEndedSlowly{1'000'000};  // and others
constexpr Duration kEndedLater{60'000'000};  // between rounds

class EndedSubscriptionChore {
 public:
  void begin(Instant first) { chore_.begin(first); }
  void note_ended(Instant now);  // one has
  Instant due() const { return wanted_ ? chore_.due() : Instant::max(); }
  // At most so many are looked at. False: another node has taken over.
  bool step(NodeEpoch as, Instant now, Store& store, std::uint64_t most, Observer& observer);

 private:
  Chore chore_{ChoreKind::forget_ended};
  SubscriptionKey place_;   // those after it come next
  bool wanted_ = true;      // some may have ended: assumed after a start
  bool some_stay_ = false;  // of those that this round has looked at, or that ended meanwhile
};

}  // namespace exposee::engine

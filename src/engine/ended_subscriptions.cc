#include "engine/ended_subscriptions.h"

#include <utility>

namespace exposee::engine {

void EndedSubscriptionChore::note_ended(Instant now) {
  if (wanted_) return void(some_stay_ = true);  // this round may have passed it
  wanted_ = true;
  chore_.begin(now + kEndedLater);
}

bool EndedSubscriptionChore::step(NodeEpoch as, Instant now, Store& store, std::uint64_t most,
                                  Observer& observer) {
  if (due() > now) return true;
  auto done = store.forget_ended(as, place_, most);
  if (!done) {
    chore_.failed(done.error(), now, observer);
    return done.error().code != ErrorCode::stale;
  }
  some_stay_ |= done->some_stay;
  const bool round_ends = !done->next;
  place_ = std::move(done->next).value_or(SubscriptionKey{});
  if (round_ends) wanted_ = std::exchange(some_stay_, false);
  chore_.succeeded(now + (round_ends ? kEndedLater : done->gone > 0 ? kEndedSoon : kEndedSlowly), observer);
  return true;
}

}  // namespace exposee::engine

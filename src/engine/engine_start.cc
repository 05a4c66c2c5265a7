// How the engine begins: from an empty store, or from what a stop or a crash left. Running it twice changes
// nothing.
#include <algorithm>
#include <unordered_set>

#include "core/assert.h"
#include "engine/engine.h"

namespace exposee::engine {
namespace {

constexpr std::uint32_t kResumePage = 4096;  // events read back at once

}  // namespace

Result<void> Engine::start() {
  auto start = store_.load_start();
  if (!start) return std::move(start).error();
  registry_.load(*start);
  last_event_ = start->last_event;
  if (registry_.types().empty()) EXPOSEE_TRY(declare_contract_types());
  EXPOSEE_TRY(resume(*start));
  snapshot_.store(registry_.snapshot());
  last_time_ = time_.now();
  checkpoint_at_ = last_time_ + kCheckpointInterval;
  expire_at_ = last_time_ + kCheckpointInterval;
  dirty_ = true;
  return {};
}

// The two events of the contract's table, in its order.
Result<void> Engine::declare_contract_types() {
  const auto now = time_.now();
  EXPOSEE_TRY(store_.begin(Durability::at_commit));
  for (const auto& [name, description] :
       {std::pair{"user_registered", "A new user is registered"},
        std::pair{"user_send_message", "A user sends a message to another user"}}) {
    auto added = registry_.add_type({registry_.next_type(), name, description, now}, store_);
    if (!added) {
      store_.rollback();
      return added;
    }
  }
  if (auto committed = store_.commit(); !committed) {
    store_.rollback();
    return committed;
  }
  registry_.settle();
  return {};
}

Result<void> Engine::resume(const StartState& start) {
  for (const auto& state : registry_.all()) dispatcher_.sync(state, false, time_.now());
  for (const auto& pending : start.pending) {
    if (registry_.find(pending.endpoint)->endpoint->is_active()) {
      dispatcher_.resume_pending(pending);
    } else {
      cancelling_.push_back(pending.endpoint);
    }
  }
  for (const auto& mark : start.marks) {
    if (registry_.find(mark.endpoint)->open.empty()) continue;
    dispatcher_.resume_behind(mark.endpoint, mark.low_water, start.last_event.value - mark.low_water.value);
  }
  return resume_tail(start);
}

// Events after the checkpoint go to the lanes without a mark as if they had just been accepted, but for the
// deliveries that were attempted already. Lanes with a mark read them back themselves.
Result<void> Engine::resume_tail(const StartState& start) {
  auto touched = store_.load_touched_after(start.checkpoint);
  if (!touched) return std::move(touched).error();
  const std::unordered_set<DeliveryKey> done(touched->begin(), touched->end());
  std::unordered_set<EndpointNumber> marked;
  for (const auto& mark : start.marks) marked.insert(mark.endpoint);
  for (auto after = start.checkpoint;;) {
    auto events = store_.load_events_after(after, kResumePage);
    if (!events) return std::move(events).error();
    if (events->empty()) return {};
    for (const auto& event : *events) {
      std::vector<EndpointNumber> owed_to;
      for (const auto number : *registry_.subscribers(event->type)) {
        const bool owed = registry_.find(number)->owes(event->type, event->version);
        if (owed && !marked.contains(number) && !done.contains({event->seq, number}))
          owed_to.push_back(number);
      }
      dispatcher_.route(event, owed_to);
    }
    after = events->back()->seq;
  }
}

}  // namespace exposee::engine

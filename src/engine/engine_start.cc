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
  const auto mended = mend(*start, random_, time_.now());
  for (const auto& trouble : mended.troubles) observer_.row_in_trouble(trouble);
  registry_.load(*start);
  last_event_ = start->last_event;
  EXPOSEE_TRY(write_mended(mended));
  EXPOSEE_TRY(declare_contract_types());
  for (const auto number : mended.orphaned) cancelling_.push_back(number);
  EXPOSEE_TRY(resume(*start));
  snapshot_.store(registry_.snapshot());
  last_time_ = time_.now();
  checkpoint_at_ = last_time_ + kCheckpointInterval;
  expire_at_ = last_time_ + kCheckpointInterval;
  dirty_ = true;
  return {};
}

Result<void> Engine::in_one_transaction(const std::function<Result<void>()>& write) {
  EXPOSEE_TRY(store_.begin(Durability::at_commit));
  auto written = write();
  if (written) written = store_.commit();
  if (written) {
    registry_.settle();
  } else {
    store_.rollback();
  }
  return written;
}

// On disk too, for readers look there.
Result<void> Engine::write_mended(const Mended& mended) {
  if (mended.types.empty() && mended.endpoints.empty()) return {};
  return in_one_transaction([&]() -> Result<void> {
    for (const auto& type : mended.types) EXPOSEE_TRY(store_.put_event_type(type));
    for (const auto& endpoint : mended.endpoints) EXPOSEE_TRY(registry_.change_endpoint(endpoint, store_));
    return {};
  });
}

// The two events of the contract's table, in its order: at the first start.
Result<void> Engine::declare_contract_types() {
  std::vector<EventType> missing;
  for (const auto& [name, description] :
       {std::pair{"user_registered", "A new user is registered"},
        std::pair{"user_send_message", "A user sends a message to another user"}}) {
    if (!registry_.type_named(name)) missing.push_back({{}, name, description, time_.now()});
  }
  if (missing.empty()) return {};
  return in_one_transaction([&]() -> Result<void> {
    for (auto& type : missing) {
      type.number = registry_.next_type();
      EXPOSEE_TRY(registry_.add_type(type, store_));
    }
    return {};
  });
}

Result<void> Engine::resume(const StartState& start) {
  for (const auto& state : registry_.all()) dispatcher_.sync(state, false, time_.now());
  resume_pending(start);
  for (const auto& mark : start.marks) {
    if (registry_.find(mark.endpoint)->open.empty()) continue;
    dispatcher_.resume_behind(mark.endpoint, mark.low_water, start.last_event.value - mark.low_water.value);
  }
  return resume_tail(start);
}

void Engine::resume_pending(const StartState& start) {
  for (const auto& pending : start.pending) {
    if (registry_.find(pending.endpoint)->endpoint->is_active()) {
      dispatcher_.resume_pending(pending);
    } else {
      cancelling_.push_back(pending.endpoint);
    }
  }
  for (const auto& hold : start.holds) {
    if (registry_.find(hold.endpoint)) dispatcher_.resume_hold(hold, time_.now());
  }
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
    auto page = store_.load_events_after(after, kResumePage);
    if (!page) return std::move(page).error();
    for (const auto& event : page->events) {
      std::vector<EndpointNumber> owed_to;
      for (const auto number : *registry_.subscribers(event->type)) {
        const bool owed = registry_.find(number)->owes(event->type, event->version);
        if (owed && !marked.contains(number) && !done.contains({event->seq, number}))
          owed_to.push_back(number);
      }
      dispatcher_.route(event, owed_to);
    }
    if (page->unreadable) return resume_behind_all(*page->unreadable, start, marked);
    if (page->events.empty()) return {};
    after = page->events.back()->seq;
  }
}

// An event that cannot be read: from there on every lane reads back what it is owed, and sets that one aside.
Result<void> Engine::resume_behind_all(EventSeq unreadable, const StartState& start,
                                       const std::unordered_set<EndpointNumber>& marked) {
  const EventSeq before{unreadable.value - 1};
  for (const auto& state : registry_.all()) {
    const auto number = state.endpoint->number;
    if (state.open.empty() || marked.contains(number)) continue;
    dispatcher_.resume_behind(number, before, start.last_event.value - before.value);
  }
  return {};
}

}  // namespace exposee::engine

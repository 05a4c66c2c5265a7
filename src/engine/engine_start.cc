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
  marker_ = start->last_turn;
  EXPOSEE_TRY(write_mended(mended, *start));
  EXPOSEE_TRY(declare_contract_types());
  for (const auto number : mended.orphaned) housekeeping_.cancel(number);
  EXPOSEE_TRY(resume(*start));
  snapshot_.store(registry_.snapshot());
  last_time_ = time_.now();
  checkpoint_at_ = last_time_ + kCheckpointInterval;
  housekeeping_.begin(last_time_, last_time_ + kCheckpointInterval);
  dirty_ = true;
  return {};
}

Result<void> Engine::write_registry(std::span<const PackKey> removed_packs, std::optional<Checkpoint> marks) {
  auto written = store_.write({.marker = {marker_.node, ++marker_.turn},
                               .fence = {.registry = registry_.settled_version()},
                               .now = time_.now(),
                               .registry = &registry_.changes(),
                               .checkpoint = marks,
                               .removed_packs = removed_packs});
  if (written.end == WriteEnd::unknown) {
    auto settled = store_.settled(marker_);
    if (!settled) return std::move(settled).error();
    if (*settled) written = {};
  }
  written ? registry_.settle() : registry_.rollback();
  if (written) return {};
  return written.end == WriteEnd::refused
             ? Error{ErrorCode::unavailable, "The registry has changed since it was read.", {}}
             : std::move(written).error;
}

// On disk too: readers look there, and so does the next start, which may come before the first checkpoint. A pack
// goes in the same turn that takes back the mark which relied on it.
Result<void> Engine::write_mended(const Mended& mended, const StartState& start) {
  if (mended.types.empty() && mended.endpoints.empty() && mended.packs.empty() && !mended.marks) return {};
  for (const auto& type : mended.types) registry_.change_type(type);
  for (const auto& endpoint : mended.endpoints) registry_.change_endpoint(endpoint);
  return write_registry(mended.packs, mended.marks ? std::optional(Checkpoint{start.checkpoint, start.marks})
                                                   : std::nullopt);
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
  for (auto& type : missing) {
    type.number = registry_.next_type();
    registry_.add_type(type);
  }
  return write_registry();
}

Result<void> Engine::resume(const StartState& start) {
  for (const auto& state : registry_.all()) dispatcher_.sync(state, false, time_.now());
  resume_pending(start);
  resume_packs(start);
  return resume_tail(start);
}

void Engine::resume_packs(const StartState& start) {
  for (const auto& pack : start.packs) {
    const auto* state = registry_.find(pack.key.endpoint);
    if (state && state->endpoint->is_active()) {
      dispatcher_.resume_pack(pack);
    } else {
      dispatcher_.drop_pack(pack.key);
    }
  }
}

void Engine::resume_pending(const StartState& start) {
  for (const auto& pending : start.pending) {
    if (registry_.find(pending.endpoint)->endpoint->is_active()) {
      dispatcher_.resume_pending(pending);
    } else {
      housekeeping_.cancel(pending.endpoint);
    }
  }
  for (const auto& hold : start.holds) {
    if (registry_.find(hold.endpoint)) dispatcher_.resume_hold(hold, time_.now());
  }
  for (const auto& row : start.failing) {
    if (registry_.find(row.endpoint)) dispatcher_.resume_failing_days(row, clock_.monotonic());
  }
}

// Per endpoint, number n at n - 1: up to where its events are final, have rows or stand in packs.
std::vector<EventSeq> Engine::low_waters(const StartState& start) const {
  std::vector<EventSeq> low(registry_.all().size(), start.checkpoint);
  for (const auto& mark : start.marks) low[mark.endpoint.value - 1] = mark.low_water;
  for (const auto& pack : start.packs) {
    if (!registry_.find(pack.key.endpoint)) continue;
    auto& of_endpoint = low[pack.key.endpoint.value - 1];
    of_endpoint = std::max(of_endpoint, pack.last);
  }
  return low;
}

namespace {

// Of the endpoints that are owed anything at all.
EventSeq lowest(const std::vector<EventSeq>& low, const Registry& registry, EventSeq checkpoint) {
  auto lowest = checkpoint;
  for (const auto& state : registry.all()) {
    if (!state.open.empty()) lowest = std::min(lowest, low[state.endpoint->number.value - 1]);
  }
  return lowest;
}

}  // namespace

// What came after the marks goes to the lanes as if it had just been accepted, but for the deliveries that were
// attempted already. An event that cannot be read is set aside when its lanes come to it.
Result<void> Engine::resume_tail(const StartState& start) {
  const auto low = low_waters(start);
  auto after = lowest(low, registry_, start.checkpoint);
  auto touched = store_.load_touched_after(after);
  if (!touched) return std::move(touched).error();
  const std::unordered_set<DeliveryKey> done(touched->begin(), touched->end());
  const auto waits = [&](EndpointNumber number, EventSeq event) {
    return event > low[number.value - 1] && !done.contains({event, number});
  };
  const auto now = time_.now();
  for (bool more = true; more;) {
    auto page = store_.load_events_after(after, kResumePage);
    if (!page) return std::move(page).error();
    more = !page->events.empty() || page->unreadable;
    for (const auto& event : page->events) {
      std::vector<EndpointNumber> owed_to;
      for (const auto number : *registry_.subscribers(event->type)) {
        if (registry_.find(number)->owes(event->type, event->version) && waits(number, event->seq))
          owed_to.push_back(number);
      }
      dispatcher_.route(event, owed_to, now);
      after = event->seq;
    }
    if (!page->unreadable) continue;
    after = *page->unreadable;
    for (const auto& state : registry_.all()) {
      const auto number = state.endpoint->number;
      if (!state.open.empty() && waits(number, after)) dispatcher_.route_unseen(after, number, now);
    }
  }
  return {};
}

}  // namespace exposee::engine

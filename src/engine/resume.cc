#include "engine/resume.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/event_type.h"

namespace exposee::engine {

Result<EventSeq> Resume::run(ShardSet shards) {
  EXPOSEE_TRY(load());
  EXPOSEE_TRY(take_up(shards));
  resume_removed();
  return start_.last_event;
}

// The registry in memory is the one that counts; what is to be mended of it on disk is for the next start.
Result<void> Resume::open(ShardSet shards) {
  auto mended = read();
  if (!mended) return std::move(mended).error();
  // What the other lanes have on disk they rely on.
  auto& packs = mended->packs;
  std::erase_if(packs, [&](const PackKey& pack) { return !shards.has(pack.endpoint); });
  const auto marks = mended->marks & shards;
  if (!packs.empty() || !marks.empty()) EXPOSEE_TRY(write_registry(packs, checkpoint_of(marks)));
  return take_up(shards);
}

Result<void> Resume::take_up(ShardSet shards) {
  shards_ = shards;
  dispatcher_.take_up(shards, time_.now());
  resume_endpoints();
  resume_pending();
  resume_packs();
  return resume_tail();
}

// --- the registry ---------------------------------------------------------------------------------------

Result<Mended> Resume::read() {
  auto start = doors_.store.load_start();
  if (!start) return std::move(start).error();
  start_ = *std::move(start);
  auto mended = mend(start_, doors_.random, time_.now());
  for (const auto& trouble : mended.troubles) doors_.observer.row_in_trouble(trouble);
  return mended;
}

// Its epoch first: what an earlier life of this node wrote is on disk then, and it writes no more.
Result<void> Resume::load() {
  const auto epoch = doors_.store.raise_epoch(start_.last_turn.node);
  if (!epoch) return epoch.error();
  const auto mended = read();
  if (!mended) return mended.error();
  registry_.load(start_);
  writer_.begin(start_.last_turn, *epoch);
  EXPOSEE_TRY(write_mended(*mended));
  EXPOSEE_TRY(declare_built_in_types());
  for (const auto number : mended->orphaned) housekeeping_.cancel(number);
  return {};
}

Result<void> Resume::write_registry(std::span<const PackKey> removed_packs, std::optional<Checkpoint> marks) {
  auto written = writer_.write_alone({.fence = {.registry = registry_.settled_version()},
                                      .registry = &registry_.changes(),
                                      .checkpoint = marks,
                                      .removed_packs = removed_packs},
                                     time_.now());
  written ? registry_.settle() : registry_.rollback();
  if (written) return {};
  return written.end == WriteEnd::refused
             ? Error{ErrorCode::unavailable, "The registry has changed since it was read.", {}}
             : std::move(written).error;
}

// On disk too: readers look there, and so does the next start, which may come before the first checkpoint. A
// pack goes in the same turn that takes back the mark which relied on it.
Result<void> Resume::write_mended(const Mended& mended) {
  const bool sound = mended.types.empty() && mended.endpoints.empty() && mended.subscriptions.empty();
  if (sound && mended.packs.empty() && mended.marks.empty()) return {};
  for (const auto& subscription : mended.subscriptions) registry_.close_lost(subscription);
  for (const auto& type : mended.types) registry_.change_type(type);
  for (const auto& endpoint : mended.endpoints) registry_.change_endpoint(endpoint);
  return write_registry(mended.packs,
                        mended.marks.empty() ? std::nullopt : std::optional(checkpoint_of(mended.marks)));
}

// Up to the lowest of them: what lies behind a mark is looked for again, and found to be settled.
Checkpoint Resume::checkpoint_of(ShardSet shards) {
  auto upto = start_.last_event;
  for (unsigned shard = 0; shard < kShards; ++shard) {
    if (shards.has_shard(shard)) upto = std::min(upto, start_.checkpoints[shard]);
  }
  mended_marks_.clear();
  std::ranges::copy_if(start_.marks, std::back_inserter(mended_marks_),
                       [&](const LaneMark& mark) { return shards.has(mark.endpoint); });
  return {upto, mended_marks_, shards};
}

// At the first start, in their order.
Result<void> Resume::declare_built_in_types() {
  std::vector<EventType> missing;
  for (const auto& [name, description] : kBuiltInTypes) {
    if (!registry_.type_named(name))
      missing.push_back({{}, std::string(name), std::string(description), time_.now()});
  }
  if (missing.empty()) return {};
  for (auto& type : missing) {
    type.number = registry_.next_type();
    registry_.add_type(type);
  }
  return write_registry();
}

// --- what is owed ---------------------------------------------------------------------------------------

void Resume::resume_endpoints() {
  for (const auto& state : registry_.all()) {
    if (state.endpoint && shards_.has(state.endpoint->number)) dispatcher_.sync(state, false, time_.now());
  }
}

void Resume::resume_pending() {
  const auto is_ours = [this](EndpointNumber number) { return shards_.has(number) && registry_.find(number); };
  for (const auto& pending : start_.pending) {
    if (!is_ours(pending.endpoint)) continue;
    if (registry_.find(pending.endpoint)->endpoint->is_active()) {
      dispatcher_.resume_pending(pending);
    } else {
      housekeeping_.cancel(pending.endpoint);
    }
  }
  for (const auto& hold : start_.holds) {
    if (is_ours(hold.endpoint)) dispatcher_.resume_hold(hold, time_.now());
  }
  for (const auto& row : start_.failing) {
    if (is_ours(row.endpoint)) dispatcher_.resume_failing_days(row, time_.monotonic());
  }
}

// Those that were removed longest ago go first.
void Resume::resume_removed() {
  std::vector<const Endpoint*> removed;
  for (const auto& state : registry_.all()) {
    if (state.endpoint && state.endpoint->removed_at) removed.push_back(state.endpoint.get());
  }
  std::ranges::stable_sort(removed, {}, &Endpoint::removed_at);
  for (const auto* endpoint : removed) housekeeping_.forget(endpoint->number);
}

void Resume::resume_packs() {
  for (const auto& pack : start_.packs) {
    if (!shards_.has(pack.key.endpoint)) continue;
    const auto* state = registry_.find(pack.key.endpoint);
    if (state && state->endpoint->is_active()) {
      dispatcher_.resume_pack(pack);
    } else {
      dispatcher_.drop_pack(pack.key);
    }
  }
  for (const auto number : start_.cut_off) {
    if (shards_.has(number) && dispatcher_.may_sift(number)) housekeeping_.sift(number);
  }
}

// What came after the marks goes to the lanes as if it had just been accepted, but for the deliveries that
// were attempted already. An event that cannot be read is set aside when its lanes come to it.
Result<void> Resume::resume_tail() {
  find_low_waters();
  auto after = lowest();
  EXPOSEE_TRY(find_touched(after));
  const auto now = time_.now();
  for (bool more = true; more;) {
    auto page = doors_.store.load_events_after(after, limits_.resume_page);
    if (!page) return std::move(page).error();
    const auto begun = after;
    for (const auto& event : page->events) {
      if (ascends(event->seq, after)) route(event, now);
    }
    if (page->unreadable && ascends(*page->unreadable, after)) route_unseen(after, now);
    more = after > begun;
  }
  return {};
}

// `last`: the last one that did. A number that does not is damage, and is never taken for another event's.
bool Resume::ascends(EventSeq event, EventSeq& last) {
  if (event > last) return last = event, true;
  doors_.observer.row_in_trouble(
      {"event", std::to_string(event.value), "it stands behind a greater number; it is not sent any more"});
  return false;
}

void Resume::route(const EventRef& event, Instant now) {
  std::vector<EndpointNumber> owed_to;
  registry_.subscribers(event->type).each([&](EndpointNumber number) {
    if (registry_.owes(number, event->type, event->version) && waits(number, event->seq)) owed_to.push_back(number);
  });
  dispatcher_.route(event, Subscribers(std::move(owed_to)), now);
}

void Resume::route_unseen(EventSeq event, Instant now) {
  for (const auto& state : registry_.all()) {
    if (state.open.empty()) continue;
    const auto number = state.endpoint->number;
    if (waits(number, event)) dispatcher_.route_unseen(event, number, now);
  }
}

void Resume::find_low_waters() {
  low_.clear();
  for (std::uint64_t n = 1; n <= registry_.all().size(); ++n) low_.push_back(start_.checkpoint(EndpointNumber{n}));
  for (const auto& mark : start_.marks) low_[mark.endpoint.value - 1] = mark.low_water;
  for (const auto& pack : start_.packs) {
    if (!registry_.find(pack.key.endpoint)) continue;
    auto& of_endpoint = low_[pack.key.endpoint.value - 1];
    of_endpoint = std::max(of_endpoint, pack.last);
  }
}

// Of the endpoints that are owed anything at all.
EventSeq Resume::lowest() const {
  auto lowest = start_.last_event;
  for (const auto& state : registry_.all()) {
    if (!state.open.empty() && shards_.has(state.endpoint->number)) lowest = std::min(lowest, low_[state.endpoint->number.value - 1]);
  }
  return lowest;
}

Result<void> Resume::find_touched(EventSeq after) {
  auto touched = doors_.store.load_touched_after(after);
  if (!touched) return std::move(touched).error();
  touched_.insert(touched->begin(), touched->end());
  return {};
}

bool Resume::waits(EndpointNumber number, EventSeq event) const {
  return shards_.has(number) && event > low_[number.value - 1] && !touched_.contains({event, number});
}

}  // namespace exposee::engine

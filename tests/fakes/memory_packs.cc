// The rules for packs, and for whom they may name too much.
#include <algorithm>
#include <map>
#include <ranges>

#include "fakes/memory_state.h"

namespace exposee::fakes::memory {

PackNumbers numbers_of_pack(const MemoryState& state, const PackKey& key, EventSeq last) {
  if (const auto pack = state.packs.find(key); pack != state.packs.end()) return {pack->second.events()};
  PackNumbers numbers{.missing = true};
  for (auto it = state.events.lower_bound(key.first); it != state.events.end() && it->first <= last; ++it)
    numbers.events.push_back(it->first);
  return numbers;
}

namespace {

bool has_succeeded(const MemoryState& state, const DeliveryKey& key) {
  const auto made = state.attempts.find(key);
  return made != state.attempts.end() &&
         std::ranges::any_of(made->second, [](const auto& attempt) { return attempt.second.succeeded; });
}

}  // namespace

SiftedPack sifted(const MemoryState& state, EndpointNumber endpoint, const PackStretch& pack) {
  SiftedPack sifted{.was = pack.first};
  for (const auto seq : numbers_of_pack(state, {endpoint, pack.first}, pack.last).events) {
    const auto event = state.events.find(seq);
    if (event == state.events.end()) continue;
    if (cover(state, *event->second, endpoint) != Cover::open) {
      ++sifted.unowed;
    } else if (!state.rows.contains({seq, endpoint}) && !has_succeeded(state, {seq, endpoint})) {
      sifted.left.add(seq);
    }
  }
  return sifted;
}

void put_sifted(MemoryState& state, EndpointNumber endpoint, const std::vector<SiftedPack>& packs) {
  for (const auto& pack : packs) {
    state.packs.erase({endpoint, pack.was});
    if (!pack.left.empty()) state.packs[{endpoint, pack.left.first()}] = pack.left;
  }
}

namespace {

// Whether the endpoint had a subscription, closed by now, when this event was accepted or, if it is gone, the
// next one.
bool was_cut_off(const MemoryState& state, EndpointNumber endpoint, EventSeq first) {
  const auto event = state.events.lower_bound(first);
  return event != state.events.end() && std::ranges::any_of(state.subscriptions, [&](const Subscription& s) {
           return s.endpoint == endpoint && s.until && event->second->version < s.until;
         });
}

}  // namespace

std::vector<EndpointNumber> cut_off(const MemoryState& state) {
  std::map<EndpointNumber, EventSeq> firsts;
  const auto note = [&](EndpointNumber endpoint, EventSeq event) {
    auto& first = firsts.try_emplace(endpoint, event).first->second;
    first = std::min(first, event);
  };
  for (const auto& [key, pack] : state.packs) note(key.endpoint, key.first);
  for (const auto& [key, row] : state.rows) {
    if (row.status == DeliveryStatus::pending) note(key.endpoint, key.event);
  }
  std::erase_if(firsts, [&](const auto& each) { return !was_cut_off(state, each.first, each.second); });
  const auto endpoints = firsts | std::views::keys;
  return {endpoints.begin(), endpoints.end()};
}

EventsRead events_of(const MemoryState& state, std::span<const EventSeq> seqs, std::size_t max_bytes) {
  EventsRead read;
  std::size_t bytes = 0;
  for (const auto seq : seqs) {
    ++read.looked_at;
    const auto found = state.events.find(seq);
    if (found == state.events.end()) continue;
    read.events.push_back(found->second);
    bytes += found->second->body.size();
    if (bytes >= max_bytes) break;
  }
  return read;
}

}  // namespace exposee::fakes::memory

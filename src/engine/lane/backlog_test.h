// A lane with the store beside it, for tests of what waits in it. One thread.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "engine/lane/backlog.h"

namespace exposee::engine {

inline constexpr Instant kStart = from_micros(1'000'000'000);
inline constexpr EngineLimits kTiny{.window = 4, .stopped_window = 2, .read_step = 3, .pack_bytes = 4};

inline EventRef event(std::uint64_t seq, TypeNumber type = TypeNumber{1}) {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  e->type = type;
  e->version = RegistryVersion{1};
  e->accepted_at = kStart;
  e->body = "{}";
  return e;
}

// The store knows every event, and what is on disk of the lane.
class BacklogTest : public testing::Test {
 protected:
  void push(std::uint64_t from, std::uint64_t to) {
    for (; from <= to; ++from) backlog_.push(event(from), backlog_.size() < kTiny.window, now_);
  }
  // As a checkpoint does. The number of packs on disk afterwards.
  std::size_t write(bool stopped = false) {
    const auto step = plan(stopped);
    if (step) backlog_.written(*step);
    return disk_.size();
  }
  std::optional<BacklogStep> plan(bool stopped = false) {
    std::vector<const Event*> flights;
    for (const auto& e : in_flight_) flights.push_back(e.get());
    auto step = backlog_.plan({flights, stopped, now_});
    mark_ = backlog_.low_water(flights, step ? &*step : nullptr, EventSeq{kLast});
    if (!step) return step;
    for (const auto first : step->removed) disk_.erase(first);
    for (const auto& pack : step->put) disk_[pack.first()] = pack;
    return step;
  }
  void read_some() {
    if (const auto* pack = backlog_.pack_to_load()) backlog_.loaded(disk_.at(pack->first).events());
    const auto wanted = backlog_.next(kTiny.read_step);
    OwedPage page;
    for (const auto seq : wanted) {
      if (!gone_.contains(seq)) page.events.push_back(event(seq.value));
    }
    fewer_ += backlog_.refill(wanted.size(), std::move(page));
  }
  // All that is left, read and started; "1 2 3 ".
  std::string drain() {
    std::string text;
    for (int turns = 0; turns < 1000 && (!backlog_.empty() || backlog_.has_beyond()); ++turns) {
      while (!backlog_.empty()) text += std::to_string(backlog_.pop()->seq.value) + " ";
      if (backlog_.has_beyond()) read_some();
    }
    return text;
  }
  // What is gone goes from all packs. By how many fewer deliveries are owed.
  std::uint64_t sift_all() {
    std::uint64_t fewer = 0;
    EventSeq after;
    for (auto packs = backlog_.next_packs(after, EventSeq{kLast}, 1); !packs.empty();
         packs = backlog_.next_packs(after, EventSeq{kLast}, 1)) {
      after = packs.back().last;
      for (const auto& pack : packs)
        fewer += backlog_.sifted(sift(disk_, pack, [&](EventSeq e) { return gone_.contains(e); }));
    }
    return fewer;
  }
  template <class IsGone>
  static SiftedPack sift(std::map<EventSeq, EventPack>& disk, const PackStretch& pack, IsGone&& is_gone) {
    SiftedPack sifted{.was = pack.first};
    for (const auto seq : disk.at(pack.first).events()) {
      if (!is_gone(seq)) sifted.left.add(seq);
    }
    disk.erase(pack.first);
    if (!sifted.left.empty()) disk[sifted.left.first()] = sifted.left;
    return sifted;
  }
  std::string on_disk() const {
    std::string text;
    for (const auto& [first, pack] : disk_) {
      for (const auto seq : pack.events()) text += std::to_string(seq.value) + " ";
      text += "| ";
    }
    return text;
  }

  static constexpr std::uint64_t kLast = 100;
  Backlog backlog_{kTiny};
  std::map<EventSeq, EventPack> disk_;
  std::set<EventSeq> gone_;
  std::vector<EventRef> in_flight_;
  std::uint64_t fewer_ = 0;
  EventSeq mark_;
  Instant now_ = kStart;
};

}  // namespace exposee::engine

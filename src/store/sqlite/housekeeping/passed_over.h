// Stretches of numbers, of events say, that retention does not look at: something of theirs cannot be read or
// removed. What is damaged does not heal by itself and is passed over as long as the process runs. What the
// disk does not read may be read later: it is tried again in the next round through all that is old, and then
// in rounds that are further and further apart. Part of the writer; its thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>

#include "core/result.h"

namespace exposee::store {

struct Stretch {
  std::uint64_t first = 0, last = 0;  // both included
};

class Stretches {
 public:
  // `beside`: it goes on where another one ends or begins, which was told. `nothing`: all of it is there already.
  enum class Added : std::uint8_t { nothing, beside, apart };
  Added add(Stretch added) {
    const auto before = all_.upper_bound(added.first);
    bool goes_on = before != all_.begin() && std::prev(before)->second + 1 >= added.first;
    if (goes_on && std::prev(before)->second >= added.last) return Added::nothing;
    const auto grown = goes_on ? std::prev(before) : all_.emplace(added.first, added.last).first;
    grown->second = std::max(grown->second, added.last);
    auto behind = std::next(grown);
    while (behind != all_.end() && behind->first <= grown->second) {
      goes_on = true;
      grown->second = std::max(grown->second, behind->second);
      behind = all_.erase(behind);
    }
    return goes_on ? Added::beside : Added::apart;
  }
  bool empty() const { return all_.empty(); }
  bool has(std::uint64_t number) const {
    const auto next = all_.upper_bound(number);
    return next != all_.begin() && std::prev(next)->second >= number;
  }
  // Where to go on after `number`: behind the stretches that follow it at once.
  std::uint64_t end_after(std::uint64_t number) const {
    while (true) {
      const auto next = all_.upper_bound(number + 1);
      if (next == all_.begin() || std::prev(next)->second <= number) return number;
      number = std::prev(next)->second;
    }
  }
  // Up to where there is none after `number`, which is in none itself.
  std::uint64_t last_before(std::uint64_t number, std::uint64_t last) const {
    const auto next = all_.upper_bound(number);
    return next == all_.end() ? last : std::min(last, next->first - 1);
  }

 private:
  std::map<std::uint64_t, std::uint64_t> all_;  // first to last
};

class PassedOver {
 public:
  using Added = Stretches::Added;
  // One that was told before, and tried again, counts as `beside`.
  Added add(Stretch stretch, const Error& why) {
    if (why.code == ErrorCode::damaged) return damaged_.add(stretch);
    const auto added = refused_.add(stretch);
    return added == Added::apart && tried_again_.has(stretch.first) ? Added::beside : added;
  }
  bool has(std::uint64_t number) const { return damaged_.has(number) || refused_.has(number); }
  std::uint64_t end_after(std::uint64_t number) const {
    while (true) {
      const auto end = refused_.end_after(damaged_.end_after(number));
      if (end == number) return number;
      number = end;
    }
  }
  std::uint64_t last_before(std::uint64_t number, std::uint64_t last) const {
    return refused_.last_before(number, damaged_.last_before(number, last));
  }
  // All that is old was looked at once, or passed over.
  void end_round() {
    if (refused_.empty()) wait_ = 1;
    if (++rounds_ < wait_) return;
    rounds_ = 0;
    if (!refused_.empty()) wait_ = std::min(2 * wait_, kLongestWait);
    tried_again_ = std::exchange(refused_, {});
  }

 private:
  static constexpr int kLongestWait = 64;  // rounds: of a minute at least

  Stretches damaged_, refused_;
  Stretches tried_again_;  // of the refused ones, in this round
  int wait_ = 1, rounds_ = 0;
};

}  // namespace exposee::store

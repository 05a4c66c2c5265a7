// How much one turn that is divided may write: each piece is a commit of its own, and a turn of n pieces that
// the store refuses takes some 3 n of them, while all else waits. What is left goes on with the next turn. A
// value; the engine's thread.
#pragma once

#include <cstddef>

#include "ports/clock.h"

namespace exposee::engine {

constexpr Duration kDivisionTime{50'000};  // a commit takes milliseconds on a slow disk

class DivisionBudget {
 public:
  DivisionBudget(std::size_t writes, const Clock& clock)
      : clock_(clock), until_(clock.monotonic() + kDivisionTime), most_(writes) {}

  void count_write() { ++writes_; }
  // Whoever asks has done something since the turn began, so that every turn comes further.
  bool is_spent() const { return writes_ >= most_ || clock_.monotonic() >= until_; }

 private:
  const Clock& clock_;
  Duration until_;
  std::size_t most_;
  std::size_t writes_ = 0;
};

}  // namespace exposee::engine

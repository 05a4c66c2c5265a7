// How many rows a step of housekeeping is given, so that it takes about as long as a turn may be held up, on
// whatever disk: as long as one takes much less, the next is larger. A value; the engine's thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.h"

namespace exposee::engine {

constexpr Duration kStepTime{3'000};          // nobody notices that a reply comes so much later
constexpr std::uint64_t kFirstStepRows = 1'000;
constexpr std::uint64_t kLeastStepRows = 100;    // so that it comes to an end on the slowest disk
constexpr std::uint64_t kMostStepRows = 10'000;  // rows that suddenly take ten times as long: a tenth of a second, once

class StepSize {
 public:
  std::uint64_t rows() const { return rows_; }
  // Of a step that has done so many.
  void note(std::uint64_t done, Duration took) {
    if (took > kStepTime) {
      const auto fitting = static_cast<double>(rows_) * (static_cast<double>(kStepTime.count()) / static_cast<double>(took.count()));
      rows_ = std::max(kLeastStepRows, static_cast<std::uint64_t>(fitting));
    } else if (took < kStepTime / 2 && done >= rows_) {
      rows_ = std::min(kMostStepRows, 2 * rows_);
    }
  }

 private:
  std::uint64_t rows_ = kFirstStepRows;
};

}  // namespace exposee::engine

// How many rows a step of housekeeping is given, so that it takes about as long as a turn may be held up, on
// whatever disk: as long as one takes much less, the next is larger. A value; the engine's thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/time.h"
#include "engine/settings.h"

namespace exposee::engine {

constexpr Duration kStepTime{3'000};  // nobody notices that a reply comes so much later

class StepSize {
 public:
  explicit StepSize(const EngineLimits& limits = kUsualLimits)
      : rows_(limits.first_expire_step), least_(limits.least_expire_step), most_(limits.most_expire_step) {}

  std::uint64_t rows() const { return rows_; }
  // Of a step that has done so many. One that took long for much less than it was given took long for
  // something else.
  void note(std::uint64_t done, Duration took) {
    if (took > kStepTime && done >= rows_ / 2) {
      const auto fitting = static_cast<double>(rows_) * (static_cast<double>(kStepTime.count()) / static_cast<double>(took.count()));
      rows_ = std::max(least_, static_cast<std::uint64_t>(fitting));
    } else if (took < kStepTime / 2 && done >= rows_) {
      rows_ = std::min(most_, 2 * rows_);
    }
  }

 private:
  std::uint64_t rows_;
  std::uint64_t least_, most_;
};

}  // namespace exposee::engine

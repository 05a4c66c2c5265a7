// For how long every attempt at an endpoint has failed, in days that count (promise D9): a day is 24 hours of
// running in which the endpoint could be tried, and counts only with a failed attempt in it. So sleep, power
// off, clock jumps, holds, pauses and rare events bring no endpoint nearer to being disabled. Pure; the running
// time, which never jumps, is an argument. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "core/time.h"

namespace exposee {

constexpr Duration kFailingDay{86'400'000'000};  // of running
constexpr std::uint32_t kHopelessDays = 5;       // so many of them, one after the other, none with a success

// As it is written down.
struct FailingDaysNote {
  std::uint32_t days = 0;  // that are over
  Duration into_day{};     // of the one that runs
  bool operator==(const FailingDaysNote&) const = default;
};

class FailingDays {
 public:
  // Takes up what was noted before a restart.
  void resume(const FailingDaysNote& note, Duration running) {
    days_ = note.days;
    began_ = running - std::clamp(note.into_day, Duration::zero(), kFailingDay);
  }
  // `running`: how long this process has run; ascends.
  void note_failure(Duration running) {
    if (!began_) began_ = running;
    if (running - *began_ < kFailingDay) return;
    ++days_;
    began_ = running;  // however long ago the day before was over: what had no failure is no day
  }
  // For so long it could not be tried: it was held or paused.
  void leave_out(Duration span) {
    if (began_) *began_ += span;
  }
  void note_success() { *this = {}; }

  bool is_hopeless() const { return days_ >= kHopelessDays; }
  FailingDaysNote note(Duration running) const {
    if (!began_) return {};
    return {days_, std::clamp(running - *began_, Duration::zero(), kFailingDay)};
  }

 private:
  std::optional<Duration> began_;  // the day that runs, in running time; nothing: no attempt has failed
  std::uint32_t days_ = 0;         // that are over
};

}  // namespace exposee

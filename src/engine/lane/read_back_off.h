// When a lane looks again for what the store holds of it, after what it found there could not be read. Damage
// seldom goes away by itself, so each wait is twice as long as the one before, up to a limit. Engine's thread
// only; part of a lane.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "core/time.h"

namespace exposee::engine {

constexpr Duration kFirstReadBackOff{1'000'000};
constexpr Duration kLongestReadBackOff{60'000'000};  // a read a minute is negligible
// One event that cannot be read is put off after so many tries, some seconds: by then it is not the whole
// disk that is away for a moment. Then it is tried every minute.
constexpr std::uint32_t kTriesOfAnEvent = 4;
constexpr Duration kPutOffEvent{60'000'000};

// What it reads of it, each from rows and pages of its own: one of them may fail for ever while others
// succeed. Packs, the last, are those that a checkpoint writes anew.
enum class LaneRead : std::uint8_t { window, rows_by_schedule, rows_by_hand, retry_events, catch_up, packs };
constexpr std::size_t kLaneReads = static_cast<std::size_t>(LaneRead::packs) + 1;

class ReadBackOff {
 public:
  bool waits(LaneRead what, Instant now) const { return waits_ && now < of(what).again_at; }
  // When the first of those that wait is tried again; nothing: none waits.
  std::optional<Instant> again_at(Instant now) const {
    std::optional<Instant> first;
    if (!waits_) return first;
    for (const auto& wait : *waits_) {
      if (now < wait.again_at) first = std::min(first.value_or(wait.again_at), wait.again_at);
    }
    return first;
  }
  // Whether it is the first: of the packs, or of all that is read.
  bool failed(LaneRead what, Instant now) {
    if (!waits_) waits_ = std::make_unique<Waits>();
    const bool first = what == LaneRead::packs ? failures(what) == 0 : nothing_read_fails();
    auto& wait = (*waits_)[static_cast<std::size_t>(what)];
    wait.span = std::clamp(2 * wait.span, kFirstReadBackOff, kLongestReadBackOff);
    wait.again_at = now + wait.span;
    ++wait.failures;
    return first;
  }
  // In a row, of this kind.
  std::uint32_t failures(LaneRead what) const { return waits_ ? of(what).failures : 0; }
  // One event is put off: the next is tried at once, and does not wait long if it fails as well.
  void put_off(LaneRead what) {
    auto& wait = (*waits_)[static_cast<std::size_t>(what)];
    wait.again_at = {};
    wait.span = {};
  }
  void succeeded(LaneRead what) {
    if (!waits_) return;
    (*waits_)[static_cast<std::size_t>(what)] = {};
    if (nothing_read_fails() && failures(LaneRead::packs) == 0) waits_.reset();
  }
  void begin_anew() { waits_.reset(); }

 private:
  struct Wait {
    Instant again_at;
    Duration span{};
    std::uint32_t failures = 0;
  };
  using Waits = std::array<Wait, kLaneReads>;

  bool nothing_read_fails() const {
    const auto reads = std::span(*waits_).first(static_cast<std::size_t>(LaneRead::packs));
    return std::ranges::all_of(reads, [](const Wait& wait) { return wait.failures == 0; });
  }
  const Wait& of(LaneRead what) const { return (*waits_)[static_cast<std::size_t>(what)]; }

  std::unique_ptr<Waits> waits_;  // null: nothing fails
};

}  // namespace exposee::engine

// Brings the retries that wait for an endpoint forward once it is back: when the first success ends an
// outage, what failed before it is made due at once, a step at a time. Each step waits for a success after
// the one before and is twice as large, so that a receiver that has just started is not overrun; the lane's
// own limits hold as always. Ends when nothing is left, or when the endpoint fails again. Known in memory
// only: a restart meanwhile leaves the rest to the next success. Engine's thread only; part of a lane.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "engine/lane/retry_window.h"

namespace exposee::engine {

// An outage shorter than this is what the first wait of the usual schedule is for: a failure now and then of
// one event, among successes of others, hurries nothing.
constexpr Duration kShortOutage{5'000'000};
constexpr std::uint32_t kGivesUpAfter = 5;  // failures in a row end it

class CatchUp {
 public:
  explicit CatchUp(const EngineLimits& limits = kUsualLimits)
      : first_step_(limits.first_catch_up_step), most_step_(limits.most_catch_up_step) {}

  bool is_active() const { return since_.has_value(); }
  bool wants_step() const { return is_active() && !waits_for_success_; }
  std::uint32_t step() const { return step_; }
  RetryWindow::Place cursor() const { return cursor_; }

  void begin(Instant now) {
    since_ = now;
    cursor_ = {now, EventSeq{~std::uint64_t{0} >> 1}};  // what is due by then comes anyway
    step_ = first_step_;
    waits_for_success_ = false;
  }
  void end() { since_.reset(); }
  void note_success() { waits_for_success_ = false; }
  void note_failure(std::uint32_t in_a_row) {
    step_ = first_step_;
    if (in_a_row >= kGivesUpAfter) end();
  }

  // Whether the row failed before the endpoint was back, waits since then, and may be hurried.
  bool takes(const DeliveryRow& row, Instant now) const {
    return row.updated_at <= *since_ && *row.due > now && !row.brought_forward &&
           (!row.not_before || *row.not_before <= now);
  }
  // Up to `cursor` everything was looked at and the step's rows are due on disk. `more`: others lie beyond.
  // `took`: whether there were any among them.
  void took_step(RetryWindow::Place cursor, bool more, bool took) {
    cursor_ = cursor;
    waits_for_success_ = took;
    if (took) step_ = std::min(2 * step_, most_step_);
    if (!more) end();
  }

 private:
  std::optional<Instant> since_;  // when it was back
  RetryWindow::Place cursor_{};
  std::uint32_t first_step_, most_step_;
  std::uint32_t step_ = first_step_;
  bool waits_for_success_ = false;
};

}  // namespace exposee::engine

// The retries of one lane: two windows over the rows that wait, those that come by schedule and those that were
// asked for by hand, and how the former are brought forward once the endpoint is back. Engine's thread only; part
// of a lane.
#pragma once

#include <optional>

#include "engine/lane/catch_up.h"
#include "engine/lane/retry_window.h"

namespace exposee::engine {

constexpr std::size_t kFewRetries = 16;  // may wait while others run ahead: their events are read back

class Retries {
 public:
  RetryWindow& by_schedule() { return by_schedule_; }
  const RetryWindow& by_schedule() const { return by_schedule_; }
  RetryWindow& by_hand() { return by_hand_; }  // before all others, whatever the breaker and a hold say
  const RetryWindow& by_hand() const { return by_hand_; }
  CatchUp& catch_up() { return catch_up_; }
  const CatchUp& catch_up() const { return catch_up_; }

  bool has_due(Instant now) const { return by_schedule_.has_due(now); }
  bool are_few() const { return by_schedule_.size() <= kFewRetries && !by_schedule_.has_more(); }
  std::size_t size() const { return by_schedule_.size() + by_hand_.size(); }
  bool has_more() const { return by_schedule_.has_more() || by_hand_.has_more(); }
  bool wants_refill() const { return by_schedule_.wants_refill() || by_hand_.wants_refill(); }
  // Whether it is a retry's turn: retries and first attempts take turns.
  bool take_turn() { return turn_ = !turn_; }

  // A row that was handed out and did not start.
  void take_back(const DeliveryRow& row) { (row.asked ? by_hand_ : by_schedule_).add(row); }
  // Its outcome is on disk, or no outcome is to be written any more.
  void forget(EventSeq event) {
    by_schedule_.settled(event);
    by_hand_.settled(event);
  }
  // These rows are on disk, and due now.
  void brought_forward(std::span<const DeliveryRow> rows) {
    for (const auto& row : rows) {
      by_schedule_.remove(row.key.event);
      by_schedule_.add(row);
    }
  }
  void clear() {
    by_schedule_.clear();
    by_hand_.clear();
  }

 private:
  RetryWindow by_schedule_;
  RetryWindow by_hand_;
  CatchUp catch_up_;
  bool turn_ = false;
};

}  // namespace exposee::engine

// The retries of one lane: two windows over the rows that wait, those that come by schedule and those that
// were asked for by hand, the events of those that come next, and how the former are brought forward once the
// endpoint is back. Engine's thread only; part of a lane.
#pragma once

#include <optional>

#include "engine/lane/catch_up.h"
#include "engine/lane/retry_window.h"

namespace exposee::engine {

class Retries {
 public:
  explicit Retries(const EngineLimits& limits = kUsualLimits)
      : by_schedule_(limits), by_hand_(limits), catch_up_(limits), few_(limits.few_retries) {}

  RetryWindow& by_schedule() { return by_schedule_; }
  const RetryWindow& by_schedule() const { return by_schedule_; }
  RetryWindow& by_hand() { return by_hand_; }  // before all others, whatever the breaker and a hold say
  const RetryWindow& by_hand() const { return by_hand_; }
  RetryWindow& line(bool by_hand) { return by_hand ? by_hand_ : by_schedule_; }
  const RetryWindow& line(bool by_hand) const { return by_hand ? by_hand_ : by_schedule_; }
  CatchUp& catch_up() { return catch_up_; }
  const CatchUp& catch_up() const { return catch_up_; }

  bool has_due(Instant now) const { return by_schedule_.has_due(now); }
  bool has_ready(Instant now) const { return by_schedule_.has_ready(now); }  // one that is due, and its event
  bool are_few() const { return by_schedule_.size() <= few_ && !by_schedule_.has_more(); }
  std::size_t size() const { return by_schedule_.size() + by_hand_.size(); }
  bool has_more() const { return by_schedule_.has_more() || by_hand_.has_more(); }
  // Whether it is a retry's turn: retries and first attempts take turns.
  bool take_turn() { return turn_ = !turn_; }

  // A row that was handed out and did not start.
  void take_back(const DeliveryRow& row) {
    forget(row.key.event);
    (row.asked ? by_hand_ : by_schedule_).add(row);
  }
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
  // Its event cannot be read now: the row, which is still to be written so, waits for another time, and not
  // as one asked for by hand. What the store says of it meanwhile is old.
  void put_off(DeliveryRow& row, Instant until) {
    row.due = until;
    row.asked = false;
    row.resumes_at.reset();
    by_schedule_.add(row);
    by_schedule_.gave(row.key.event);
    by_hand_.gave(row.key.event);
  }
  // The row of one that waits, off its line.
  std::optional<DeliveryRow> take_out(EventSeq event) {
    auto row = by_hand_.take_out(event);
    return row ? row : by_schedule_.take_out(event);
  }
  void clear() {
    by_schedule_.clear();
    by_hand_.clear();
    reads_events_ = false;
  }

  // --- events of those that come next (RetryWindow) ---
  std::size_t held() const { return by_schedule_.held() + by_hand_.held(); }
  std::size_t bytes() const { return by_schedule_.bytes() + by_hand_.bytes(); }
  // Of the one that starts first.
  bool is_next_read() const { return (by_hand_.empty() ? by_schedule_ : by_hand_).is_next_read(); }
  bool is_reading_events() const { return reads_events_; }
  void begin_event_read() { reads_events_ = true; }
  void end_event_read() { reads_events_ = false; }
  template <class Keep>
  void take_events(const RetryWindow::EventsOf& events, Keep&& keep) {
    by_hand_.take_events(events, keep);
    by_schedule_.take_events(events, keep);
  }
  // Rows of either line that it may hold.
  void set_most(std::size_t most) {
    by_schedule_.set_most(most);
    by_hand_.set_most(most);
  }
  void drop_events(std::size_t by_hand = 0, std::size_t by_schedule = 0) {
    by_hand_.drop_events(by_hand);
    by_schedule_.drop_events(by_schedule);
  }
  void release() {  // memory that is not needed
    by_schedule_.release();
    by_hand_.release();
  }

 private:
  RetryWindow by_schedule_;
  RetryWindow by_hand_;
  CatchUp catch_up_;
  std::size_t few_;
  bool turn_ = false;
  bool reads_events_ = false;
};

}  // namespace exposee::engine

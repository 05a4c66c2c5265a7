#include "engine/lane/retry_window.h"

#include <algorithm>
#include <iterator>

namespace exposee::engine {

// --- its rows -------------------------------------------------------------------------------------------

std::optional<Instant> RetryWindow::next_due() const {
  if (rows_.empty()) return std::nullopt;
  return rows_.begin()->first.first;
}

std::optional<EventSeq> RetryWindow::next_event() const {
  if (rows_.empty()) return std::nullopt;
  return rows_.begin()->first.second;
}

void RetryWindow::add(const DeliveryRow& row, EventRef event) {
  settled(row.key.event);
  const Place place{*row.due, row.key.event};
  if (more_ && place > horizon_) return note(row.key.event, &row);  // read back when the window comes to it
  const auto [at, added] = rows_.emplace(place, Retry{row, {}});
  if (added && event) hold(at->second, std::move(event));
  keep_to_limit();
}

// What a read brings that began before lies behind the one that is given up.
void RetryWindow::keep_to_limit() {
  if (rows_.size() <= most_) return;
  while (rows_.size() > most_) {
    const auto last = std::prev(rows_.end());
    let_go(last->second);
    rows_.erase(last);
  }
  horizon_ = std::prev(rows_.end())->first;
  more_ = true;
  if (reading_) reading_->too_much = true;
}

std::optional<Retry> RetryWindow::pop_due(Instant now) {
  if (!has_ready(now)) return std::nullopt;
  auto event = let_go(rows_.begin()->second);
  Retry retry{std::move(rows_.begin()->second.row), std::move(event)};
  rows_.erase(rows_.begin());
  given_.push_back(retry.row.key.event);
  return retry;
}

std::optional<DeliveryRow> RetryWindow::take_out(EventSeq event) {
  note(event);
  const auto at = std::ranges::find(rows_, event, [](const auto& entry) { return entry.first.second; });
  if (at == rows_.end()) return std::nullopt;
  let_go(at->second);
  auto row = std::move(at->second.row);
  rows_.erase(at);
  return row;
}

void RetryWindow::settled(EventSeq event) {
  note(event);
  std::erase(given_, event);
}

void RetryWindow::gave(EventSeq event) {
  if (std::ranges::find(given_, event) == given_.end()) given_.push_back(event);
}

void RetryWindow::clear() {
  rows_.clear();
  more_ = false;
  horizon_ = {};
  held_ = bytes_ = 0;
  end_read();
}

// --- rows that are being read ---------------------------------------------------------------------------

void RetryWindow::note(EventSeq event, const DeliveryRow* beyond) {
  if (!reading_ || reading_->too_much) return;
  auto& row = reading_->rows[event];
  row = beyond ? std::optional(*beyond) : std::nullopt;
  if (reading_->rows.size() <= most_meanwhile_) return;
  reading_->too_much = true;
  reading_->rows.clear();
}

std::size_t RetryWindow::begin_read() {
  const auto asked = most_ - rows_.size();
  reading_ = std::make_unique<Meanwhile>(Meanwhile{.asked = asked});
  return asked;
}

void RetryWindow::take(std::span<const DeliveryRow> rows, std::span<const EventSeq> set_aside) {
  const auto meanwhile = std::move(reading_);
  if (!meanwhile || meanwhile->too_much) return;
  const auto is_known = [&](EventSeq event) {
    return meanwhile->rows.contains(event) || std::ranges::find(given_, event) != given_.end() ||
           std::ranges::find(set_aside, event) != set_aside.end();
  };
  more_ = rows.size() >= meanwhile->asked;
  for (const auto& row : rows) {
    if (!is_known(row.key.event)) rows_.emplace(Place{*row.due, row.key.event}, Retry{row, {}});
  }
  if (more_) horizon_ = Place{*rows.back().due, rows.back().key.event};
  for (const auto& [event, row] : meanwhile->rows) {
    if (row) add(*row);
  }
}

// --- events of the rows that come next ------------------------------------------------------------------

void RetryWindow::hold(Retry& retry, EventRef event) {
  ++held_;
  bytes_ += event->body.size();
  retry.event = std::move(event);
}

EventRef RetryWindow::let_go(Retry& retry) {
  if (!retry.event) return {};
  --held_;
  bytes_ -= retry.event->body.size();
  return std::exchange(retry.event, {});
}

// Before all of them are used up, so that the lane goes on meanwhile.
bool RetryWindow::wants_events(Instant due, std::size_t most) const {
  if (!has_due(due) || most == 0 || (is_next_read() && held_ > most / 4)) return false;
  std::size_t n = 0;
  for (auto at = rows_.begin(); at != rows_.end() && n < most && at->first.first <= due; ++at, ++n) {
    if (!at->second.event) return true;
  }
  return false;
}

void RetryWindow::add_wanted(Instant due, std::size_t most, std::vector<EventSeq>& wanted) const {
  std::size_t n = 0;
  for (auto at = rows_.begin(); at != rows_.end() && n < most && at->first.first <= due; ++at, ++n) {
    if (!at->second.event) wanted.push_back(at->first.second);
  }
}

void RetryWindow::drop_events(std::size_t count) {
  if (held_ == 0) return;
  std::size_t n = 0;
  for (auto& [place, retry] : rows_) {
    if (n++ >= count) let_go(retry);
  }
}

}  // namespace exposee::engine

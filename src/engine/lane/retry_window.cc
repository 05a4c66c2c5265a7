#include "engine/lane/retry_window.h"

#include <algorithm>
#include <iterator>

namespace exposee::engine {

std::optional<Instant> RetryWindow::next_due() const {
  if (rows_.empty()) return std::nullopt;
  return rows_.begin()->first.first;
}

std::optional<EventSeq> RetryWindow::next_event() const {
  if (rows_.empty()) return std::nullopt;
  return rows_.begin()->first.second;
}

void RetryWindow::add(const DeliveryRow& row) {
  settled(row.key.event);
  const Place place{*row.due, row.key.event};
  if (more_ && place > horizon_) return;  // read back when the window comes to it
  rows_.emplace(place, row);
  if (rows_.size() <= kRetryWindow) return;
  rows_.erase(std::prev(rows_.end()));
  horizon_ = std::prev(rows_.end())->first;
  more_ = true;
}

void RetryWindow::refill(std::span<const DeliveryRow> rows) {
  more_ = rows.size() >= kRetryWindow;
  for (const auto& row : rows) {
    if (std::ranges::find(given_, row.key.event) == given_.end())
      rows_.emplace(Place{*row.due, row.key.event}, row);
  }
  if (more_) horizon_ = Place{*rows.back().due, rows.back().key.event};
}

std::optional<DeliveryRow> RetryWindow::pop_due(Instant now) {
  if (!has_due(now)) return std::nullopt;
  auto row = std::move(rows_.begin()->second);
  rows_.erase(rows_.begin());
  given_.push_back(row.key.event);
  return row;
}

bool RetryWindow::remove(EventSeq event) {
  return std::erase_if(rows_, [&](const auto& entry) { return entry.first.second == event; }) != 0;
}

void RetryWindow::clear() {
  rows_.clear();
  more_ = false;
  horizon_ = {};
}

}  // namespace exposee::engine

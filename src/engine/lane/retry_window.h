// The soonest pending rows of a lane; those beyond the horizon stay in the store only, so that a dead
// endpoint's backlog costs disk, not memory. Engine's thread only; part of a lane.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "ports/store.h"

namespace exposee::engine {

constexpr std::size_t kRetryWindow = 256;  // pending rows of one lane held in memory, the soonest

class RetryWindow {
 public:
  using Place = std::pair<Instant, EventSeq>;

  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  bool has_more() const { return more_; }
  bool has_any() const { return more_ || !rows_.empty(); }
  bool wants_refill() const { return more_ && rows_.size() < kRetryWindow / 4; }
  bool has_due(Instant now) const { return !rows_.empty() && rows_.begin()->first.first <= now; }
  std::optional<Instant> next_due() const;
  std::optional<EventSeq> next_event() const;
  Place horizon() const { return horizon_; }
  // Of those that were given out, the ones that are under way or whose outcome is not on disk yet.
  std::span<const EventSeq> given() const { return given_; }

  // Also one that was given out and comes back.
  void add(const DeliveryRow& row);
  // In order, from beyond the horizon; fewer than a window full: no more. What was given out and is not
  // settled is left out: the store does not know better yet.
  void refill(std::span<const DeliveryRow> rows);
  std::optional<DeliveryRow> pop_due(Instant now);
  bool remove(EventSeq event);  // whether it was there
  void settled(EventSeq event) { std::erase(given_, event); }
  void expect_more() { more_ = true; }
  void clear();

 private:
  std::map<Place, DeliveryRow> rows_;
  Place horizon_{};              // rows after this place are in the store only, if more_
  std::vector<EventSeq> given_;  // under way, or their outcome is not on disk yet
  bool more_ = false;
};

}  // namespace exposee::engine

// The soonest pending rows of a lane; those beyond the horizon stay in the store only, so that a dead
// endpoint's backlog costs disk, not memory. Both they and the events of the rows that come next are read by
// another thread (ports/backlog.h): a row whose event is not here yet is not given out. Engine's thread only;
// part of a lane.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/settings.h"
#include "ports/store.h"

namespace exposee::engine {

// A row that waits, and its event, once that is read.
struct Retry {
  DeliveryRow row;
  EventRef event;
};

class RetryWindow {
 public:
  using Place = std::pair<Instant, EventSeq>;

  explicit RetryWindow(const EngineLimits& limits = kUsualLimits)
      : most_(limits.retry_window), most_meanwhile_(limits.retries_meanwhile) {}

  // --- its rows ---
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  bool has_more() const { return more_; }
  bool has_any() const { return more_ || !rows_.empty(); }
  bool wants_refill() const { return more_ && !reading_ && rows_.size() < least(); }
  // How many it may hold. What is beyond is given up: it stands in the store.
  void set_most(std::size_t most) {
    most_ = most;
    keep_to_limit();
  }
  bool has_due(Instant now) const { return !rows_.empty() && rows_.begin()->first.first <= now; }
  std::optional<Instant> next_due() const;
  std::optional<EventSeq> next_event() const;
  Place horizon() const { return horizon_; }
  // Of those that were given out, the ones that are under way or whose outcome is not on disk yet.
  std::span<const EventSeq> given() const { return given_; }

  // Also one that was given out and comes back.
  void add(const DeliveryRow& row, EventRef event = {});
  // The soonest, if its event is here.
  std::optional<Retry> pop_due(Instant now);
  bool remove(EventSeq event) { return take_out(event).has_value(); }  // whether it was there
  std::optional<DeliveryRow> take_out(EventSeq event);
  void settled(EventSeq event);
  // It is under way, though it was not given out here, or what becomes of it is not on disk yet.
  void gave(EventSeq event);
  void expect_more() { more_ = true; }
  void clear();
  void release() { given_.shrink_to_fit(); }  // memory that is not needed

  // --- rows that are being read: the first ones beyond the horizon ---
  bool is_reading() const { return reading_ != nullptr; }
  std::size_t begin_read();  // so many: as many as there is room for
  void end_read() { reading_.reset(); }
  // In order; fewer than were asked for: no more. What was given out and is not settled is left out, the
  // store does not know better yet; and of what has changed since the read began this knows better than the
  // read. `set_aside`: left out as well (engine/lane/set_aside.h).
  void take(std::span<const DeliveryRow> rows, std::span<const EventSeq> set_aside = {});

  // --- events of the rows that come next ---
  bool is_next_read() const { return !rows_.empty() && rows_.begin()->second.event; }
  bool has_ready(Instant now) const { return has_due(now) && is_next_read(); }
  std::size_t held() const { return held_; }  // so many events are here
  std::size_t bytes() const { return bytes_; }
  // Of the first `most` that are due by then some are not here, and few are.
  bool wants_events(Instant due, std::size_t most) const;
  void add_wanted(Instant due, std::size_t most, std::vector<EventSeq>& wanted) const;
  // What was read of some events, null of those that cannot be. `keep`: whether the row waits on; it is asked
  // of each of theirs that has no event here.
  using EventsOf = std::unordered_map<EventSeq, EventRef>;
  template <class Keep>
  void take_events(const EventsOf& events, Keep&& keep) {
    for (auto at = rows_.begin(); at != rows_.end();) {
      const auto found = events.find(at->first.second);
      const bool is_wanted = found != events.end() && !at->second.event;
      if (is_wanted && !keep(at->second.row, found->second.get())) {
        gave(at->first.second);  // the store says that it waits, until its end is written
        at = rows_.erase(at);
        continue;
      }
      if (is_wanted) hold(at->second, found->second);
      ++at;
    }
  }
  // Those of the first `count` rows are kept: the others are read again when their time comes.
  void drop_events(std::size_t count = 0);

 private:
  // What has changed while rows are being read: nothing, the row waits in the window or not at all; else it
  // waits beyond the horizon as it was when that began.
  struct Meanwhile {
    std::size_t asked = 0;  // rows
    std::unordered_map<EventSeq, std::optional<DeliveryRow>> rows;
    bool too_much = false;  // the result is of no use: it is read again
  };
  using Rows = std::map<Place, Retry>;

  std::size_t least() const { return std::max<std::size_t>(1, most_ / 4); }
  void note(EventSeq event, const DeliveryRow* beyond = nullptr);
  void keep_to_limit();
  void hold(Retry& retry, EventRef event);
  EventRef let_go(Retry& retry);

  std::size_t most_;            // rows
  std::size_t most_meanwhile_;  // that may change while some are read
  Rows rows_;
  Place horizon_{};              // rows after this place are in the store only, if more_
  std::vector<EventSeq> given_;  // under way, or their outcome is not on disk yet
  bool more_ = false;
  std::unique_ptr<Meanwhile> reading_;  // null: nothing is being read
  std::size_t held_ = 0, bytes_ = 0;
};

}  // namespace exposee::engine

// Whose turn it is: the lines in which lanes stand that could start an attempt, or read from the store, and
// the time at which others look again. Whether an attempt may start is not decided here (engine/lane/gate.h).
// Owned by the Dispatcher; engine's thread only.
#pragma once

#include <compare>
#include <cstddef>
#include <deque>
#include <optional>
#include <set>

#include "core/shard.h"
#include "engine/dispatch/body_shares.h"
#include "engine/lane/lane.h"

namespace exposee::engine {

class Scheduler {
 public:
  explicit Scheduler(const BodyShares& shares) : shares_(shares) {}

  // The time of this turn.
  void set_now(Instant now) { now_ = now; }
  Instant now() const { return now_; }

  // Something about the lane has changed: it stands in the lines in which it belongs.
  void ready(Lane& lane);
  // It has had its quantum: stands in line again, or sleeps until its next retry, token or probe.
  void rest(Lane& lane, const Occupancy& occupancy, Instant now);
  void wake(Lane& lane, Instant at);
  // The lanes of these shards stand in no line any more.
  void give_up(ShardSet shards);
  void wake_due(Instant now);
  std::optional<Instant> next_wake() const;

  // --- those that could start an attempt ---
  bool has_ready() const { return !ready_.empty(); }
  Lane& next();
  // Those that stood aside for others, no more than there is room for: with thousands of them the rest could
  // only be put back.
  void let_in(std::size_t room, std::size_t fast_room);

  // --- those that read from the store: rows of retries, their events, and events for windows ---
  std::size_t want_rows() const { return rows_.size(); }
  std::size_t want_retry_events() const { return retry_events_.size(); }
  std::size_t want_events() const { return events_.size(); }
  Lane* next_for_rows();  // null: the next one needs none any more
  Lane* next_for_retry_events();
  Lane* next_for_events();
  void queue_reads(Lane& lane);

 private:
  struct Wake {
    Instant at;
    EndpointNumber number;
    Lane* lane;
    auto operator<=>(const Wake& other) const {
      return std::pair(at, number) <=> std::pair(other.at, other.number);
    }
  };
  bool may_read_rows(const Lane& lane) const;
  bool may_read_retry_events(const Lane& lane) const;
  bool may_read_events(const Lane& lane) const;
  void stand_aside(Lane& lane, const Occupancy& occupancy);

  const BodyShares& shares_;
  Instant now_;
  std::deque<Lane*> ready_;
  std::deque<Lane*> crowded_out_;       // could start more, but for their share of the free slots
  std::deque<Lane*> fast_crowded_out_;  // or of what this machine carries for fast receivers
  std::deque<Lane*> rows_, retry_events_, events_;
  std::set<Wake> wakes_;  // one a lane, at most
};

}  // namespace exposee::engine

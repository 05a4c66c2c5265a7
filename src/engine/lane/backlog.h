// What an endpoint is owed and has not been attempted yet, oldest first, in four parts:
//   window  events in memory: the next to start
//   next    numbers whose events are read next
//   packs   numbers on disk (core/event_pack.h), of which memory knows how many they are
//   tail    numbers that have come since, to be packed
// So a backlog costs disk, not memory. A pack is an index, not a truth: what is owed is derived
// (ports/store.h), and reading a pack's events leaves out what is owed no more. What is not yet in a
// pack holds the lane's mark: every event above `packed_to()` is in no pack, none at or below it is missing
// from one. Engine's thread only; part of a lane.
#pragma once

#include <algorithm>
#include <boost/container/deque.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/event.h"
#include "core/event_pack.h"
#include "engine/registry.h"
#include "engine/settings.h"
#include "ports/backlog.h"
#include "ports/store.h"

namespace exposee::engine {

// A pack on disk, as memory knows it.
struct PackRef {
  EventSeq first, last;
  std::uint32_t owed = 0;  // of its events, as far as is known
};

// What a checkpoint writes of one lane, and what the lane does once it is on disk.
struct BacklogStep {
  std::vector<EventSeq> removed;  // packs, by their first events; before others are put
  std::vector<EventPack> put;     // new ones, and those that have grown
  EventSeq packed_to;             // afterwards

  std::size_t gone = 0;       // packs in front that are no more
  std::vector<PackRef> back;  // new ones
  std::size_t loaded = 0;     // of them, those whose numbers are in memory, too
  std::size_t tail = 0;       // so many of its packs are packs like others now
  // Memory keeps so much of the window, and all else stands in packs alone.
  struct Trim {
    std::size_t keep = 0;
    std::vector<PackRef> front;       // in place of those that are gone
    std::size_t loaded = 0;           // of them, those of what is kept
    std::vector<std::uint32_t> owed;  // of those behind, whose numbers were in memory
  };
  std::optional<Trim> trim;
};

class Backlog {
 public:
  explicit Backlog(const EngineLimits& limits) : limits_(limits) {}

  // --- the window ---
  bool empty() const { return window_.empty(); }
  std::size_t size() const { return window_.size(); }
  std::size_t bytes() const { return bytes_; }  // of bodies
  std::size_t front_bytes() const { return window_.front()->body.size(); }
  EventSeq front_seq() const { return window_.front()->seq; }
  // No more than a window may hold, but for what was handed out and found its place taken when it came back.
  bool is_within_limit() const { return size() <= limits_.window + came_back_; }
  EventRef pop();
  void put_back(EventRef&& event);  // one that was popped, to its place
  void shed();                      // its last event is a number again; while nothing is being read
  // Gives up what no subscription owes any more; how many.
  std::size_t drop_unowed(const OpenSubscriptions& open, const PatternTable& patterns);

  // --- what comes ---
  // A newly accepted event: into the window, if it has room and nothing waits beyond it. Else its number is
  // kept, and the store has the rest.
  void push(const EventRef& event, bool room, Instant now);
  void push_number(EventSeq event, Instant now);
  // After a start: a pack on disk, after those before.
  void resume(const PackRef& pack);
  // Its first attempt comes by hand: it waits here no more. False: it did not.
  bool remove(EventSeq event);
  // Nothing waits any more. Returns the first events of its packs on disk, which may be removed now.
  std::vector<EventSeq> clear();

  // --- what lies beyond the window ---
  bool has_beyond() const { return !next_.empty() || has_unread_packs() || !tail_.empty(); }
  bool has_unread_packs() const { return loaded_ < packs_.size(); }
  // Deliveries in memory, as numbers.
  std::uint64_t numbered() const;
  // The pack whose numbers are to be read; null: there are numbers in memory.
  const PackRef* pack_to_load() const;
  void loaded(std::vector<EventSeq>&& numbers);  // of that pack
  std::span<const EventSeq> next(std::size_t most);
  // What became of the first `asked` of those. By how many fewer deliveries are owed than were counted.
  std::uint64_t refill(std::size_t asked, OwedPage&& page);

  // --- what is being read ---
  // What comes next, to be read by another thread; nothing: nothing does, or it is being read. Until the
  // result is there, numbers that are read are not packed anew.
  std::optional<BacklogRead> ask(std::size_t most_events);
  bool is_reading() const { return reading_; }
  std::uint64_t life() const {
    return life_;
  }  // another one after clear(): what was read for the one before is void
  // It is the n-th lane that was made: no two have the same.
  void begin_life(std::uint64_t n) { life_ = n << 32; }
  // The result, if it is not void, but for what has been attempted by hand since it was asked for; then
  // refill() with its page.
  void take(BacklogResult& result);
  // There is none: it could not be read.
  void end_read();

  // --- what is taken out of packs, while nothing is being read ---
  EventSeq last() const;  // no number of before is above it
  // Packs on disk that begin above `after` and not above `upto`, of so many events or one of more.
  std::vector<PackStretch> next_packs(EventSeq after, EventSeq upto, std::size_t most);
  // Some up to there are in no pack yet.
  bool has_unwritten_up_to(EventSeq upto) const;
  // It is on disk. By how many fewer deliveries are owed than were counted.
  std::uint64_t sifted(const SiftedPack& pack);

  // --- what is written ---
  EventSeq packed_to() const { return packed_to_; }
  bool idle() const { return window_.empty() && next_.empty() && packs_.empty() && tail_.empty(); }
  using InFlight = std::span<const Event* const>;  // first attempts under way, ascending
  struct Situation {
    InFlight in_flight;
    bool stopped = false;  // none starts for now
    Instant now;
    // Packs that may be put and removed: what is left is for the next checkpoint. Those of the handful that a
    // lane which stops keeps come on top.
    std::size_t most_put = kNoLimit, most_removed = kNoLimit;
    static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  };
  // Nothing: nothing is to be written now.
  std::optional<BacklogStep> plan(const Situation& situation) const;
  // It holds more than one that may not start should.
  bool is_too_large_for_a_stop() const { return window_.size() > limits_.stopped_window || !next_.empty(); }
  void written(const BacklogStep& step);  // it is on disk
  // Nothing will be to be written before something comes, is read or goes.
  bool at_rest(bool stopped) const;
  // Gives back memory that an idle endpoint needs not.
  void release() {
    if (window_.empty()) window_.shrink_to_fit();
    next_.shrink_to_fit();
    packs_.shrink_to_fit();
    tail_.shrink_to_fit();
    struck_.shrink_to_fit();
  }
  // Every delivery up to here is final, has a row or is in a pack once `step` is on disk. `last`: the last
  // event of all.
  EventSeq low_water(InFlight in_flight, const BacklogStep* step, EventSeq last) const;

 private:
  struct TailPack {
    EventPack numbers;
    std::uint32_t owed = 0;
  };

  void window_shrank() { came_back_ = std::min(came_back_, window_.size()); }
  void strike(BacklogResult& result) const;
  bool is_in_packs() const;  // all that is in memory, but for the tail
  bool has_unwritten_tail() const { return !tail_.empty() && tail_.back().numbers.last() > packed_to_; }
  void take_tail();
  void close_tail();
  std::uint64_t forget_beyond(const PackRef& pack, const EventPack& left);
  std::vector<EventSeq> unpacked(InFlight in_flight) const;
  void plan_gone(const Situation& situation, BacklogStep& step) const;
  bool may_trim(const Situation& situation) const;
  void plan_trim(BacklogStep& step) const;
  void plan_rest(EventSeq split, std::span<const PackRef> behind, BacklogStep& step) const;
  std::vector<EventSeq> beyond(std::size_t kept) const;
  void trim(const BacklogStep::Trim& trim);
  bool must_pack(const Situation& situation) const;
  void plan_packs(const Situation& situation, BacklogStep& step) const;
  void plan_tail(std::size_t most_put, BacklogStep& step) const;

  const EngineLimits& limits_;
  boost::container::deque<EventRef> window_;  // no memory while it is empty, unlike the standard's
  std::size_t bytes_ = 0;
  std::size_t came_back_ = 0;  // so many more than its limit the window may hold
  std::vector<EventSeq> next_;
  // So many of the numbers that were read are owed no more, but which ones is not known: those that a stop
  // gave up count on, until they are read again.
  std::size_t surplus_ = 0;
  std::vector<PackRef> packs_;  // those whose numbers are in memory first
  std::size_t loaded_ = 0;      // how many these are
  std::vector<TailPack> tail_;  // its first one may be on disk in part
  Instant tail_since_;          // since when something of it is not
  EventSeq packed_to_;
  bool reading_ = false;
  std::vector<EventSeq> struck_;  // while it is: what waits here no more
  std::uint64_t life_ = 1;
};

}  // namespace exposee::engine

// Backpressure from deliveries to acknowledgements: when receivers answer fast and events still pile up, it
// is this machine that is busy, and accepting more would only grow the pile. Then events of the types
// concerned wait in line, a moment at most, and are acknowledged as fast as they can be delivered. A slow or
// dead receiver never presses: its pile is its own and goes to disk. That a receiver is fast is judged by
// what is known now (engine/lane/speed.h): what it usually takes, that nothing under way is overdue, and that
// it was heard of just now. So one that turns slow or hangs stops pressing within kHeardLately, and one whose
// time varies never presses. Engine's thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "engine/commands.h"
#include "engine/lane/lane.h"
#include "engine/settings.h"
#include "engine/turn/turn_room.h"

namespace exposee::engine {

constexpr Duration kLongestInLine{1'000'000};  // no acknowledgement waits longer for its turn because of this

// Which event types have lanes that press.
class Backpressure {
 public:
  explicit Backpressure(const PatternTable& patterns, const EngineLimits& limits = kUsualLimits)
      : patterns_(patterns), limits_(limits) {}

  // The lane's pile or its receiver's speed has changed. `state`: what the lane is subscribed to.
  void update(Lane& lane, const EndpointState& state);
  // The lane presses nothing until it is updated again.
  void release(Lane& lane);
  // From now on it is so late: lanes whose receivers fell silent press no longer.
  void advance(Instant now);
  // When advance() will find something unless something is heard.
  std::optional<Instant> next_silence() const;
  bool any() const { return !pressing_lanes_.empty(); }
  bool on(TypeNumber type) const;
  // Events of the type that may be let go at once.
  std::size_t released(TypeNumber type) const { return on(type) ? 0 : limits_.released; }

 private:
  std::size_t bound(const Lane& lane) const;

  const PatternTable& patterns_;
  const EngineLimits& limits_;
  std::size_t piled_ = 0;             // fast lanes where something waits
  std::vector<std::uint32_t> lanes_;  // pressing ones, by number of the pattern
  std::vector<Lane*> pressing_lanes_;
  Instant now_;
};

// Publishing commands that wait for the pressure on their type to go, in order of arrival.
class AdmissionQueue {
 public:
  // Moves out of `commands` what must wait, and into it, in front, what has waited enough; no more of that
  // than there is room for. `hold_none`: all may go.
  void sort(std::vector<Command>& commands, const Registry& registry, const Backpressure& pressure,
            Instant now, bool hold_none, TurnRoom room);
  // All of it, to be refused.
  void give_up(std::vector<Command>& commands);
  std::optional<Instant> next_release(const Backpressure& pressure) const;
  bool empty() const { return count_ == 0; }

 private:
  struct Held {
    Command command;
    Instant since;
  };
  void let_go(std::vector<Command>& commands, const Backpressure& pressure, Instant now, bool hold_none,
              TurnRoom& room);
  void take_first(std::deque<Held>& line, std::vector<Command>& commands);

  std::map<TypeNumber, std::deque<Held>> lines_;
  TypeNumber last_;  // line that was let go of: the next one is first the next time
  std::size_t count_ = 0;
};

}  // namespace exposee::engine

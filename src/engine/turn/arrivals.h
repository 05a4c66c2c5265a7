// What a turn works on: everything that has come in, but for publishing that waits in line for the pressure
// on its type to go, commands that wait for rows of their endpoint to end, and what is too much for one turn.
// Owned by the engine; its thread (the inbox is open to all).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/inbox.h"
#include "engine/intake/deferrals.h"
#include "engine/lane/backpressure.h"
#include "engine/turn/turn_room.h"

namespace exposee::engine {

// What a command is to a turn.
enum class CommandKind : std::uint8_t {
  looks,      // writes nothing
  publishes,  // changes nothing that is there
  asks,       // of what is there, which must be as it is now
};
CommandKind kind_of(const Command& command);

class Arrivals {
 public:
  using Results = std::vector<std::vector<SendResult>>;  // of attempts, as they came

  explicit Arrivals(const Housekeeping& housekeeping) : deferrals_(housekeeping) {}

  Inbox& inbox() { return inbox_; }
  const Deferrals& deferrals() const { return deferrals_; }

  // Takes everything; the turn before must be cleared away.
  void take();
  // Leaves what must wait in line, and brings what need not wait any more; what there is no room for comes
  // with the next turn, in its order. `hold_none`: nothing waits in line for longer than that.
  void sort(const Registry& registry, const Backpressure& pressure, Instant now, bool hold_none,
            TurnRoom room);
  // While it is unknown how the last turn ended: takes everything beside it and keeps the results for the
  // next one. The commands are for the caller to refuse.
  std::vector<Command> take_meanwhile();
  // No turn follows: likewise, with those that wait for anything.
  std::vector<Command> take_rest();

  std::vector<Command>& commands() { return batch_.commands; }  // of this turn
  const std::vector<Command>& commands() const { return batch_.commands; }
  Results& results() { return batch_.results; }
  Results& kept_results() { return kept_; }  // they came before those
  BacklogResults& reads() { return reads_; }

  // The command at `place` is decided in a later turn.
  void defer(std::size_t place, EndpointNumber endpoint);
  // Commands of this turn that are decided in the next one, before what comes; and of all those that are
  // there, the ones that ask.
  void leave(std::vector<Command>&& commands);
  void leave_asking();
  bool has_left() const { return !left_.empty() || !beyond_.empty(); }
  bool has_lines() const { return !admission_.empty(); }
  void clear() { batch_.clear(); }

  // When commands that wait in line may go on, though nothing comes in.
  std::optional<Instant> next_release(const Backpressure& pressure) const;

 private:
  void leave_beyond(TurnRoom room);
  std::vector<Command> take_left();

  Inbox inbox_;
  Inbox::Batch batch_;
  Results kept_;
  BacklogResults reads_;         // not taken in yet
  std::vector<Command> beyond_;  // what it had no room for
  std::vector<Command> left_;    // by the turn before
  AdmissionQueue admission_;
  Deferrals deferrals_;
};

}  // namespace exposee::engine

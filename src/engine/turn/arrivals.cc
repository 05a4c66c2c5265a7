#include "engine/turn/arrivals.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace exposee::engine {

CommandKind kind_of(const Command& command) {
  if (std::holds_alternative<Inspect>(command)) return CommandKind::looks;
  const bool publishes =
      std::holds_alternative<PublishEvent>(command) || std::holds_alternative<PublishBatch>(command);
  return publishes ? CommandKind::publishes : CommandKind::asks;
}

void Arrivals::sort(const Registry& registry, const Backpressure& pressure, Instant now, bool hold_none,
                    TurnRoom room) {
  const auto for_lines = batch_.commands.empty() ? room : room.half();
  admission_.sort(batch_.commands, registry, pressure, now, hold_none, for_lines);
  leave_beyond(room);
  deferrals_.bring(batch_.commands);
}

// What was let go of its line comes first, and fits. It has half of the room at most, or those who ask for
// anything else would wait for as long as the lines are full.
void Arrivals::leave_beyond(TurnRoom room) {
  auto& commands = batch_.commands;
  const auto beyond =
      std::ranges::find_if_not(commands, [&](const Command& command) { return room.take(command); });
  std::move(beyond, commands.end(), std::back_inserter(beyond_));
  commands.erase(beyond, commands.end());
}

void Arrivals::take() {
  inbox_.take(batch_);
  reads_.add(std::move(batch_.reads));
  if (!has_left()) return;
  auto commands = take_left();
  std::ranges::move(batch_.commands, std::back_inserter(commands));
  batch_.commands = std::move(commands);
}

// What a turn had begun with came before what it had no room for.
std::vector<Command> Arrivals::take_left() {
  auto commands = std::exchange(left_, {});
  std::ranges::move(std::exchange(beyond_, {}), std::back_inserter(commands));
  return commands;
}

void Arrivals::leave(std::vector<Command>&& commands) {
  std::ranges::move(commands, std::back_inserter(left_));
}

void Arrivals::leave_asking() {
  auto& commands = batch_.commands;
  const auto asking = std::ranges::stable_partition(
      commands, [](const Command& command) { return kind_of(command) != CommandKind::asks; });
  std::ranges::move(asking, std::back_inserter(left_));
  commands.erase(asking.begin(), asking.end());
}

std::vector<Command> Arrivals::take_meanwhile() {
  Inbox::Batch more;
  inbox_.take(more);
  reads_.add(std::move(more.reads));
  std::ranges::move(more.results, std::back_inserter(kept_));
  auto commands = take_left();
  std::ranges::move(more.commands, std::back_inserter(commands));
  return commands;
}

std::vector<Command> Arrivals::take_rest() {
  auto rest = take_meanwhile();
  admission_.give_up(rest);
  deferrals_.give_up(rest);
  return rest;
}

void Arrivals::defer(std::size_t place, EndpointNumber endpoint) {
  deferrals_.put(endpoint, std::exchange(batch_.commands[place], ReceiversResponded{}));
}

std::optional<Instant> Arrivals::next_release(const Backpressure& pressure) const {
  auto next = admission_.next_release(pressure);
  if (admission_.empty()) return next;
  if (const auto silence = pressure.next_silence()) next = std::min(next.value_or(*silence), *silence);
  return next;
}

}  // namespace exposee::engine

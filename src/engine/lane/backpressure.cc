#include "engine/lane/backpressure.h"

#include <algorithm>

namespace exposee::engine {
namespace {

// What waits in the lane because this machine is busy. A backlog from a time in which the endpoint itself was
// slow, failed or was stopped is its own.
std::size_t pile_of(Lane& lane) {
  const bool behind = lane.backlog.has_beyond();
  auto& lags = lane.pressure.lags_by_itself;
  lags = behind && (lags || !lane.gate.is_open() || !lane.is_fast());
  if (!behind) return lane.backlog.size();
  return lags ? 0 : lane.waiting();
}

}  // namespace

void Backpressure::update(Lane& lane, const EndpointState& state) {
  const bool presses = !lane.pressure.on.empty();
  // A lane that its own settings hold back piles up because it was told to, not because this machine is busy.
  const auto& settings = state.endpoint->settings;
  const bool held_back = settings.ordered || settings.rate_per_second || settings.max_in_flight;
  const bool fast = lane.gate.is_open() && !held_back && !lane.gate.failing_since() && lane.pace.speed().is_proved_fast(now_);
  const auto pile = pile_of(lane);
  const bool piled = fast && pile > 0;
  if (piled != lane.pressure.piled) piled_ += piled ? 1 : -1;
  lane.pressure.piled = piled;
  const bool wants = piled && pile > bound(lane);
  if (wants == presses) return;
  if (!wants) return release(lane);
  for (const auto pattern : widest(patterns_, state.open)) {
    lane.pressure.on.push_back(pattern);
    if (lanes_.size() <= pattern.value) lanes_.resize(pattern.value + 1);
    ++lanes_[pattern.value];
  }
  if (lane.pressure.on.empty()) return;
  lane.pressure.place = pressing_lanes_.size();
  pressing_lanes_.push_back(&lane);
}

// A lane that presses goes on until half of its share is gone, so that pressure does not flicker.
std::size_t Backpressure::bound(const Lane& lane) const {
  const auto share = std::max(limits_.least_pile, limits_.pile / std::max<std::size_t>(1, piled_));
  return lane.pressure.on.empty() ? share : share / 2;
}

// The last one takes its place: with ten thousand of them, looking for it would take longer than all the rest.
void Backpressure::release(Lane& lane) {
  if (lane.pressure.on.empty()) return;
  for (const auto pattern : lane.pressure.on) --lanes_[pattern.value];
  lane.pressure.on.clear();
  auto* last = pressing_lanes_.back();
  last->pressure.place = lane.pressure.place;
  pressing_lanes_[lane.pressure.place] = last;
  pressing_lanes_.pop_back();
}

bool Backpressure::on(TypeNumber type) const {
  return std::ranges::any_of(patterns_.matching(type), [this](PatternNumber pattern) {
    return pattern.value < lanes_.size() && lanes_[pattern.value] > 0;
  });
}

void Backpressure::advance(Instant now) {
  now_ = now;
  for (std::size_t i = pressing_lanes_.size(); i-- > 0;) {
    if (!pressing_lanes_[i]->pace.speed().is_proved_fast(now)) release(*pressing_lanes_[i]);
  }
}

std::optional<Instant> Backpressure::next_silence() const {
  std::optional<Instant> soonest;
  for (const auto* lane : pressing_lanes_) {
    const auto at = *lane->pace.speed().heard_at() + kHeardLately;
    if (!soonest || at < *soonest) soonest = at;
  }
  return soonest;
}

namespace {

// The type for whose sake a command must wait, if it publishes one that must.
TypeNumber held_type(const Command& command, const Registry& registry, const auto& must_wait) {
  const auto held = [&](const PublishEvent& publish) {
    const auto* type = registry.type_named(publish.type_name);
    return type && must_wait(type->number) ? type->number : TypeNumber{};
  };
  if (const auto* publish = std::get_if<PublishEvent>(&command)) return held(*publish);
  if (const auto* batch = std::get_if<PublishBatch>(&command)) {
    for (const auto& item : batch->items) {
      if (const auto type = held(item)) return type;
    }
  }
  return {};
}

std::size_t events_of(const Command& command) {
  const auto* batch = std::get_if<PublishBatch>(&command);
  return batch ? batch->items.size() : 1;
}

}  // namespace

void AdmissionQueue::sort(std::vector<Command>& commands, const Registry& registry,
                          const Backpressure& pressure, Instant now, bool hold_none, TurnRoom room) {
  if (empty() && (hold_none || !pressure.any())) return;
  std::vector<Command> ready;
  let_go(ready, pressure, now, hold_none, room);
  const auto must_wait = [&](TypeNumber type) {
    return !lines_[type].empty() || (!hold_none && pressure.on(type));
  };
  for (auto& command : commands) {
    const auto type = held_type(command, registry, must_wait);
    if (!type) {
      ready.push_back(std::move(command));
    } else {
      lines_[type].push_back({std::move(command), now});
      ++count_;
    }
  }
  commands.swap(ready);
}

void AdmissionQueue::let_go(std::vector<Command>& commands, const Backpressure& pressure, Instant now,
                            bool hold_none, TurnRoom& room) {
  auto next = lines_.upper_bound(last_);
  for (auto n = lines_.size(); n > 0; --n, ++next) {
    if (next == lines_.end()) next = lines_.begin();
    auto& [type, line] = *next;
    std::size_t of_line = hold_none ? count_ * kMaxBatch : pressure.released(type);
    while (!line.empty() && (of_line > 0 || line.front().since + kLongestInLine <= now)) {
      if (!room.take(line.front().command)) return;
      last_ = type;
      of_line -= std::min(of_line, events_of(line.front().command));
      take_first(line, commands);
    }
  }
}

void AdmissionQueue::take_first(std::deque<Held>& line, std::vector<Command>& commands) {
  commands.push_back(std::move(line.front().command));
  line.pop_front();
  --count_;
}

void AdmissionQueue::give_up(std::vector<Command>& commands) {
  for (auto& [type, line] : lines_) {
    while (!line.empty()) take_first(line, commands);
  }
}

std::optional<Instant> AdmissionQueue::next_release(const Backpressure& pressure) const {
  std::optional<Instant> soonest;
  for (const auto& [type, line] : lines_) {
    if (line.empty()) continue;
    const auto at = line.front().since + (pressure.on(type) ? kLongestInLine : Duration{});
    if (!soonest || at < *soonest) soonest = at;
  }
  return soonest;
}

}  // namespace exposee::engine

// How much one turn takes on: commands, in their order, until their events are so many or have so many bytes.
// The one that fills it is taken whole, so a turn goes beyond by one batch at most. A value; the engine's
// thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <variant>

#include "engine/commands.h"
#include "engine/settings.h"

namespace exposee::engine {

class TurnRoom {
 public:
  explicit TurnRoom(const EngineLimits& limits)
      : events_(limits.events_per_turn), bytes_(limits.event_bytes_per_turn) {}
  // For a turn that carries nothing out.
  static TurnRoom unlimited() {
    constexpr auto kAll = std::numeric_limits<std::size_t>::max();
    return TurnRoom({.events_per_turn = kAll, .event_bytes_per_turn = kAll});
  }

  // For what must leave room for others; one command fits always.
  TurnRoom half() const {
    auto room = *this;
    room.events_ = std::max<std::size_t>(events_ / 2, 1);
    room.bytes_ = std::max<std::size_t>(bytes_ / 2, 1);
    return room;
  }

  // Whether the turn takes this one, too. Of those that publish nothing each counts as an event.
  bool take(const Command& command) {
    if (events_ == 0 || bytes_ == 0) return false;
    if (const auto* batch = std::get_if<PublishBatch>(&command)) {
      for (const auto& item : batch->items) take_off(item.data.size());
    } else {
      const auto* one = std::get_if<PublishEvent>(&command);
      take_off(one ? one->data.size() : 0);
    }
    return true;
  }

 private:
  void take_off(std::size_t bytes) {
    events_ -= std::min<std::size_t>(events_, 1);
    bytes_ -= std::min(bytes_, bytes);
  }

  std::size_t events_, bytes_;
};

}  // namespace exposee::engine

// Counts the bytes of event bodies that are in memory for deliveries: each body once, however many lanes point at
// it, from the moment it is held until the last who points at it lets go. Those may be on any thread; the count
// is the engine's thread's to read. Owned by the Dispatcher.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>

#include "core/event.h"

namespace exposee::engine {

class HeldBodies {
 public:
  // The event, counted for as long as anybody holds what is returned.
  EventRef hold(EventRef event) {
    const auto* bare = event.get();
    return {std::make_shared<const Holder>(std::move(event), total_), bare};
  }
  // The same for one that was read back: whoever else reads it while it is held shares that body.
  EventRef hold_read(EventRef event) {
    if (read_.size() >= kMostKnown) forget_some();
    auto& known = read_[event->seq];
    if (auto same = known.lock()) return same;
    auto held = hold(std::move(event));
    known = held;
    return held;
  }
  std::size_t bytes() const { return total_->load(std::memory_order_relaxed); }

 private:
  // More than one turn reads back. Some hundred kilobytes.
  static constexpr std::size_t kMostKnown = 4096;
  using Total = std::shared_ptr<std::atomic<std::size_t>>;
  struct Holder {
    Holder(EventRef e, const Total& t) : event(std::move(e)), total(t) {
      total->fetch_add(event->body.size(), std::memory_order_relaxed);
    }
    ~Holder() { total->fetch_sub(event->body.size(), std::memory_order_relaxed); }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    EventRef event;
    Total total;  // outlives its owner where an event does
  };
  // All of them, when most are still held: else each that comes would have us look through the others.
  void forget_some() {
    std::erase_if(read_, [](const auto& known) { return known.second.expired(); });
    if (read_.size() > kMostKnown / 2) read_.clear();
  }

  std::unordered_map<EventSeq, std::weak_ptr<const Event>> read_;
  Total total_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace exposee::engine

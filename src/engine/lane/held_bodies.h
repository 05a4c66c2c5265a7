// Counts the bytes of event bodies that are in memory for deliveries: each body once, however many lanes point at
// it, from the moment it is held until the last who points at it lets go. Those may be on any thread; the count
// is the engine's thread's to read. Owned by the Dispatcher.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
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
  std::size_t bytes() const { return total_->load(std::memory_order_relaxed); }

 private:
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
  Total total_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace exposee::engine

// Event bodies that are in memory for deliveries: each once, however many lanes point at it, and counted so,
// from the moment it is held until the last reference is dropped. References may be on any thread; all else is
// the engine's thread's. Owned by the Dispatcher.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/event.h"

namespace exposee::engine {

// Those of newly accepted events, as long as they are held, in the order of their numbers: a lane that lags
// or tries again may read one back that another has never let go of. What is held no more leaves in front;
// behind what is held for long it stays until it is as much as the rest. So an event pays for no search, and
// seldom for memory.
class LiveBodies {
 public:
  void add(const EventRef& held) {
    drop_front();
    if (bodies_.size() >= sweep_at_) sweep();
    bodies_.push_back({held->seq, held});
  }
  // Null: it is not held.
  EventRef find(EventSeq seq) const {
    const auto begin = bodies_.begin() + static_cast<std::ptrdiff_t>(first_);
    const auto at = std::ranges::lower_bound(begin, bodies_.end(), seq, {}, &Body::seq);
    return at != bodies_.end() && at->seq == seq ? at->event.lock() : nullptr;
  }
  std::size_t known() const { return bodies_.size(); }

 private:
  static constexpr std::size_t kLeast = 4096;  // looked through at once: some ten microseconds
  struct Body {
    EventSeq seq;
    std::weak_ptr<const Event> event;
  };
  void drop_front() {
    while (first_ < bodies_.size() && bodies_[first_].event.expired()) bodies_[first_++].event.reset();
    if (first_ < bodies_.size()) return;
    bodies_.clear();
    first_ = 0;
  }
  void sweep() {
    std::erase_if(bodies_, [](const Body& body) { return body.event.expired(); });
    first_ = 0;
    sweep_at_ = std::max(kLeast, 2 * bodies_.size());
  }

  std::vector<Body> bodies_;
  std::size_t first_ = 0;  // before it there is none
  std::size_t sweep_at_ = kLeast;
};

class HeldBodies {
 public:
  // A newly accepted event, after all others; counted for as long as anybody holds what is returned.
  EventRef hold(EventRef event) {
    auto held = count(std::move(event));
    live_.add(held);
    return held;
  }
  // The same for one that was read back: whoever else holds it shares that body.
  EventRef hold_read(EventRef event) {
    if (auto same = live_.find(event->seq)) return same;
    if (read_.size() >= sweep_at_) sweep();
    auto& known = read_[event->seq];
    if (auto same = known.lock()) return same;
    auto held = count(std::move(event));
    known = held;
    return held;
  }
  std::size_t bytes() const { return total_->load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kLeast = 4096;  // more than one turn reads back; some hundred kilobytes
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
  EventRef count(EventRef event) {
    const auto* bare = event.get();
    return {std::make_shared<const Holder>(std::move(event), total_), bare};
  }
  // Those that are held stay; the next time is once there may be as many others.
  void sweep() {
    std::erase_if(read_, [](const auto& known) { return known.second.expired(); });
    sweep_at_ = std::max(kLeast, 2 * read_.size());
  }

  LiveBodies live_;
  std::unordered_map<EventSeq, std::weak_ptr<const Event>> read_;
  std::size_t sweep_at_ = kLeast;
  Total total_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace exposee::engine

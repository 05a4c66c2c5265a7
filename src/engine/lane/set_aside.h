// The deliveries of one lane to which an attempt was made of which nothing can be stored. They stay owed, no
// further attempt is made of its own accord as long as this process runs, and a start finds them as they were
// before. Engine's thread only; part of a lane.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "core/event.h"

namespace exposee::engine {

class SetAside {
 public:
  std::size_t size() const { return first_.size() + later_.size(); }
  bool empty() const { return first_.empty() && later_.empty(); }
  bool has(EventSeq event) const {
    return std::ranges::find(later_, event) != later_.end() ||
           std::ranges::any_of(first_, [&](const EventRef& each) { return each->seq == event; });
  }
  // Those without a row, without bodies: they hold up the lane's mark.
  const std::vector<EventRef>& first_attempts() const { return first_; }

  // Those with one, as it was before the attempt.
  const std::vector<EventSeq>& later_attempts() const { return later_; }

  // What was sent is not needed any more.
  void add_first(const Event& event) {
    first_.push_back(std::make_shared<const Event>(
        Event{event.seq, event.id, event.type, event.version, event.accepted_at, event.type_name, {}}));
  }
  void add_later(EventSeq event) { later_.push_back(event); }
  // It was asked for by hand, or has ended.
  void remove(EventSeq event) {
    std::erase(later_, event);
    std::erase_if(first_, [&](const EventRef& each) { return each->seq == event; });
  }
  // First attempts for which `owes` says no go. How many.
  template <class Owes>
  std::size_t drop_unowed(Owes&& owes) {
    return std::erase_if(first_, [&](const EventRef& each) { return !owes(*each); });
  }
  void clear() {
    first_.clear();
    later_.clear();
  }
  void release() {  // memory that is not needed
    first_.shrink_to_fit();
    later_.shrink_to_fit();
  }

 private:
  std::vector<EventRef> first_;
  std::vector<EventSeq> later_;
};

}  // namespace exposee::engine

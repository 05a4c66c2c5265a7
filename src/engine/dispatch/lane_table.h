// The lanes that are here, by the numbers of their endpoints: none of an endpoint that has had nothing to do.
// Owned by the Dispatcher; engine's thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/lane/lane.h"

namespace exposee::engine {

class LaneTable {
 public:
  // The endpoint is known from now on, and may have a lane.
  void add(EndpointNumber number, Instant now) {
    if (!began_) began_ = now;
    if (lanes_.size() < number.value) lanes_.resize(number.value);
  }
  // Null: it has none, or is not known.
  const Lane* find(EndpointNumber number) const {
    return number.value >= 1 && number.value <= lanes_.size() ? lanes_[number.value - 1].get() : nullptr;
  }
  Lane* find(EndpointNumber number) { return const_cast<Lane*>(std::as_const(*this).find(number)); }
  Lane& make(EndpointNumber number, const EngineLimits& limits) {
    auto& lane = lanes_.at(number.value - 1);
    lane = std::make_unique<Lane>(number, limits);
    lane->backlog.begin_life(++made_);
    return *lane;
  }
  void drop(EndpointNumber number) { lanes_.at(number.value - 1).reset(); }
  Instant began() const { return *began_; }  // when the first endpoint was known

  // Of endpoint n at n - 1; null: it has none.
  std::size_t size() const { return lanes_.size(); }
  const std::unique_ptr<Lane>& operator[](std::size_t place) const { return lanes_[place]; }
  auto begin() const { return lanes_.begin(); }
  auto end() const { return lanes_.end(); }

 private:
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::uint64_t made_ = 0;  // so far
  std::optional<Instant> began_;
};

}  // namespace exposee::engine

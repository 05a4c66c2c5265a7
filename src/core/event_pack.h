// Numbers of events in few bytes: ascending, each as its distance from the one before, 7 bits a byte. What an
// endpoint is owed and memory does not hold is kept this way (ports/store.h). Values only; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ids.h"

namespace exposee {

// All numbers of a pack lie in one block of so many, so that a search for the packs that hold an event looks
// at those of its block.
constexpr std::uint64_t kPackBlock = 4096;
constexpr std::uint64_t block_of(EventSeq event) {
  return event.value / kPackBlock;
}
constexpr EventSeq first_of_block(EventSeq event) {
  return EventSeq{block_of(event) * kPackBlock};
}
constexpr EventSeq last_of_block(EventSeq event) {
  return EventSeq{first_of_block(event).value + kPackBlock - 1};
}
// Bytes of a pack, at most: four packs fill a page of 4 KiB, and none needs a second one.
constexpr std::size_t kEventPackBytes = 900;

class EventPack {
 public:
  bool empty() const { return count_ == 0; }
  std::uint32_t count() const { return count_; }
  EventSeq first() const { return first_; }
  EventSeq last() const { return last_; }
  const std::string& distances() const { return distances_; }

  // Whether the event, which comes after the last one, goes into this pack.
  bool takes(EventSeq event, std::size_t max_bytes) const {
    return empty() || (block_of(event) == block_of(first_) && distances_.size() + kLongest <= max_bytes);
  }
  void add(EventSeq event);
  std::vector<EventSeq> events() const { return *unpack(first_, last_, count_, distances_); }

  // The numbers that were packed; nothing when the bytes do not say what the rest does: they are damaged.
  static std::optional<std::vector<EventSeq>> unpack(EventSeq first, EventSeq last, std::uint32_t count,
                                                     std::string_view distances);

 private:
  static constexpr std::size_t kLongest = 2;  // bytes of a distance within a block

  EventSeq first_, last_;
  std::uint32_t count_ = 0;
  std::string distances_;  // one less than count_
};

// Adds the event to the last of the packs, or begins another one.
void add_to(std::vector<EventPack>& packs, EventSeq event, std::size_t max_bytes = kEventPackBytes);

}  // namespace exposee

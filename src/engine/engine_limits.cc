// What is not taken because there is too much of it: deliveries to an endpoint that very many wait for, and events
// when the disk is nearly full.
#include <algorithm>
#include <string>

#include "engine/engine.h"

namespace exposee::engine {
namespace {

constexpr Duration kLookAtDisk{1'000'000};  // between two looks at most
constexpr std::uint64_t kUsualFreeDisk = 256u << 20;
constexpr std::uint64_t kPartOfDisk = 100;  // ... or a hundredth of the disk, where that is less

std::string megabytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

}  // namespace

// Looked at once a turn: what one turn accepts may go beyond.
void Engine::end_overflow(Instant now) {
  overflow_ = 0;
  if (!dispatcher_.any_full()) return;
  auto& draft = intake_.draft();
  for (auto& [event, owed_to] : draft.events) {
    auto left = *owed_to;
    overflow_ += static_cast<std::uint32_t>(std::erase_if(left, [&](EndpointNumber number) {
      if (!dispatcher_.is_full(number)) return false;
      draft.rows.push_back(overflowed({event->seq, number}, now));
      observer_.delivery_overflowed(*registry_.find(number)->endpoint, now);
      return true;
    }));
    if (left.size() < owed_to->size()) owed_to = std::make_shared<const decltype(left)>(std::move(left));
  }
}

void Engine::look_at_disk(Instant now) {
  if (!disk_ || now < look_at_disk_at_) return;
  look_at_disk_at_ = now + kLookAtDisk;
  const auto room = disk_->room();
  const auto least = room ? settings_.min_free_disk.value_or(std::min(kUsualFreeDisk, room->total / kPartOfDisk)) : 0;
  const bool low = room && room->free < least;
  if (low != disk_low_.exchange(low)) observer_.disk_low(low, low ? room->free : 0, least);
  intake_.refuse_events(low ? "There are " + megabytes(room->free) + " left on the disk of the data, and " +
                                  megabytes(least) +
                                  " are to stay free (limits.min_free_disk). Free some space; deliveries go on."
                            : std::string());
}

}  // namespace exposee::engine

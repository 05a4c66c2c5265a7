#include "engine/turn/store_health.h"

#include <algorithm>

namespace exposee::engine {
namespace {

constexpr Duration kLookAtDisk{1'000'000};  // between two looks at most
constexpr std::uint64_t kUsualFreeDisk = 256u << 20;
constexpr std::uint64_t kPartOfDisk = 100;  // ... or a hundredth of the disk, where that is less

std::string megabytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

std::string low_words(std::uint64_t free, std::uint64_t least) {
  return "There are " + megabytes(free) + " left on the disk of the data, and " + megabytes(least) +
         " are to stay free (limits.min_free_disk). Free some space; deliveries go on.";
}

}  // namespace

void StoreHealth::failed(const Error& error, Instant now) {
  failure_ = error.code;
  retry_at_ = now + kStoreRetry;
  if (!failed_.exchange(true)) observer_.store_failed(error);
}

void StoreHealth::succeeded() {
  if (failed_.load() && failed_.exchange(false)) observer_.store_recovered();
}

Refused StoreHealth::refusal(ErrorCode failure, std::string_view why) {
  return {failure == ErrorCode::full ? Refusal::store_full : Refusal::store_away, std::string(why)};
}

void StoreHealth::look_at_disk(Instant now) {
  if (!disk_ || now < look_at_) return;
  look_at_ = now + kLookAtDisk;
  const auto room = disk_->room();
  const auto least = room ? settings_.min_free_disk.value_or(std::min(kUsualFreeDisk, room->total / kPartOfDisk)) : 0;
  const bool low = room && room->free < least;
  if (low != disk_low_.exchange(low)) observer_.disk_low(low, low ? room->free : 0, least);
  refuses_events_ = low ? low_words(room->free, least) : std::string();
}

}  // namespace exposee::engine

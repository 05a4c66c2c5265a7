// A reader of a store in memory that fails when told to. The plan is changed while nothing is read.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>

#include "fakes/memory_reader.h"

namespace exposee::fakes {

struct ReadFaults {
  bool away = false;                        // no reader can be had
  std::optional<std::uint64_t> users_from;  // the list of users cannot be read on from this number
  // Of events, by one read of a list of them or of their deliveries.
  std::optional<std::uint64_t> most_looked_at{};
  std::function<void()> list_read = [] {};  // called at each of them
  bool lists_fail = false;                  // such a read does
};

class FaultyReader final : public MemoryReader {
 public:
  FaultyReader(std::shared_ptr<MemoryDisk> disk, const ReadFaults& faults)
      : MemoryReader(std::move(disk)), faults_(faults) {}

  Result<EventPage> events(const EventFilter& filter) override {
    EXPOSEE_TRY(list_read());
    auto page = MemoryReader::events(filter);
    const auto end = end_below(filter.before ? filter.before->value : kAll);
    if (!page || !end || page->next > end) return page;
    const auto rest = std::erase_if(page->events, [&](const EventView& event) { return event.seq < *end; });
    if (rest > 0 || !page->next) page->next = end;
    return page;
  }
  Result<DeliveryPage> deliveries(const DeliveryFilter& filter) override {
    EXPOSEE_TRY(list_read());
    auto page = MemoryReader::deliveries(filter);
    const auto end = end_below(filter.before ? filter.before->event.value : kAll);
    if (!page || !end || (page->next && page->next->event > *end)) return page;
    std::erase_if(page->deliveries, [&](const DeliveryView& each) { return each.row.key.event < *end; });
    page->next = DeliveryKey{*end, kLastInEvent};
    return page;
  }
  Result<void> users(std::uint64_t after, const TakeRow<UserRow>& take) override {
    if (faults_.users_from && after >= *faults_.users_from)
      return Error{ErrorCode::unavailable, "the store is away", {}};
    return MemoryReader::users(after, take);
  }

 private:
  static constexpr auto kAll = std::numeric_limits<std::uint64_t>::max();
  static constexpr EndpointNumber kLastInEvent{1};

  Result<void> list_read() {
    faults_.list_read();
    if (faults_.lists_fail) return Error{ErrorCode::unavailable, "the store is away", {}};
    return {};
  }
  // The last event that a read looks at which begins below that one; nothing: it comes to the end of all.
  std::optional<EventSeq> end_below(std::uint64_t event) {
    if (!faults_.most_looked_at) return std::nullopt;
    const std::lock_guard lock(disk_->mutex);
    const auto& events = disk_->state.events;
    auto at = events.lower_bound(EventSeq{event});
    for (auto left = *faults_.most_looked_at; left > 0; --left) {
      if (at == events.begin()) return std::nullopt;
      --at;
    }
    return at == events.begin() ? std::nullopt : std::optional(at->first);
  }

  const ReadFaults& faults_;
};

}  // namespace exposee::fakes

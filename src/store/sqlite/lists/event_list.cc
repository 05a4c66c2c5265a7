#include "store/sqlite/lists/event_list.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "store/sqlite/lists/head_walk.h"

namespace exposee::store {
namespace {

// How many endpoints an event is owed to: neighbours mostly have one version, so each type is counted once.
class OwedCounts {
 public:
  explicit OwedCounts(Coverage& coverage) : coverage_(coverage) {}

  Result<std::uint32_t> of(const EventHead& event) {
    auto& known = by_type_[event.type];
    if (known.version == event.version) return known.count;
    auto covered = coverage_.covered(event.type, event.version);
    if (!covered) return std::move(covered).error();
    known = {event.version, static_cast<std::uint32_t>(covered->size())};
    return known.count;
  }

 private:
  struct Known {
    std::optional<RegistryVersion> version;
    std::uint32_t count = 0;
  };

  Coverage& coverage_;
  std::unordered_map<TypeNumber, Known> by_type_;
};

Result<SeqRange> range_of(Database& db, const EventFilter& filter) {
  SeqRange range{EventSeq{1}, EventSeq{std::numeric_limits<std::int64_t>::max()}};
  if (filter.since || filter.until) {
    auto accepted = accepted_between(db, filter.since, filter.until);
    if (!accepted) return accepted;
    range = *accepted;
  }
  if (filter.before) range.last = std::min(range.last, EventSeq{filter.before->value - 1});
  return range;
}

bool passes(const EventHead& event, const EventFilter& filter) {
  return (!filter.type || *filter.type == event.type) &&
         (!filter.since || *filter.since <= event.accepted_at) &&
         (!filter.until || event.accepted_at < *filter.until);
}

}  // namespace

Result<EventPage> list_events(Database& db, Coverage& coverage, const EventFilter& filter) {
  auto range = range_of(db, filter);
  if (!range) return std::move(range).error();
  HeadWalk events(db, *range);
  EventPage page;
  OwedCounts owed(coverage);
  std::optional<EventSeq> looked_at;
  for (std::int64_t left = kMaxEventScan;; --left) {
    auto next = events.next();
    if (!next && next.error().code == ErrorCode::damaged && looked_at) {
      page.next = looked_at;  // asking for what lies behind is an error
      break;
    }
    if (!next) return std::move(next).error();
    if (!*next) break;
    const auto& event = **next;
    const bool wanted = passes(event, filter);
    if (left <= 0 || (wanted && page.events.size() == filter.limit)) {
      page.next = looked_at;
      break;
    }
    looked_at = event.seq;
    if (wanted) {
      auto deliveries = owed.of(event);
      if (!deliveries) return std::move(deliveries).error();
      page.events.push_back({event.seq, event.id, event.type, event.accepted_at, *deliveries});
    }
  }
  return page;
}

}  // namespace exposee::store

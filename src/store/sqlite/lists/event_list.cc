#include "store/sqlite/lists/event_list.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <vector>

#include "store/sqlite/lists/head_walk.h"
#include "store/sqlite/rows/type_blocks.h"

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

class EventList {
 public:
  EventList(Database& db, Coverage& coverage, const EventFilter& filter) : db_(db), filter_(filter), owed_(coverage) {}

  Result<EventPage> page() {
    auto range = range_of(db_, filter_);
    if (!range) return std::move(range).error();
    std::optional<std::vector<TypeNumber>> types;
    if (filter_.type) types = std::vector{*filter_.type};
    TypeParts parts(db_, std::move(types), *range);
    for (bool goes_on = true; goes_on;) {
      auto part = parts.next();
      if (!part) return std::move(part).error();
      if (!*part) break;
      auto more = (*part)->may_hold ? list((*part)->range) : Result<bool>(true);
      if (!more) return std::move(more).error();
      goes_on = *more;
    }
    return std::move(page_);
  }

 private:
  // False: the page ends here.
  Result<bool> list(SeqRange range) {
    for (HeadWalk events(db_, range);; --left_) {
      auto next = events.next();
      const bool is_damaged = !next && next.error().code == ErrorCode::damaged;
      if (is_damaged && looked_at_) return ends();  // whoever asks for what lies behind is told
      if (!next) return std::move(next).error();
      if (!*next) return true;
      const auto& event = **next;
      const bool wanted = passes(event, filter_);
      if (left_ <= 0 || (wanted && page_.events.size() == filter_.limit)) return ends();
      looked_at_ = event.seq;
      if (wanted) EXPOSEE_TRY(add(event));
    }
  }
  bool ends() {
    page_.next = looked_at_;
    return false;
  }
  Result<void> add(const EventHead& event) {
    auto deliveries = owed_.of(event);
    if (!deliveries) return std::move(deliveries).error();
    page_.events.push_back({event.seq, event.id, event.type, event.accepted_at, *deliveries});
    return {};
  }

  Database& db_;
  const EventFilter& filter_;
  OwedCounts owed_;
  EventPage page_;
  std::optional<EventSeq> looked_at_;
  std::int64_t left_ = kMaxEventScan;
};

}  // namespace

Result<EventPage> list_events(Database& db, Coverage& coverage, const EventFilter& filter) {
  return EventList(db, coverage, filter).page();
}

}  // namespace exposee::store

#include "store/sqlite/lists/delivery_list.h"

#include <algorithm>
#include <limits>

#include "store/sqlite/lists/head_walk.h"
#include "store/sqlite/lists/packed_walk.h"
#include "store/sqlite/rows/delivery_rows.h"
#include "store/sqlite/rows/mark_rows.h"

namespace exposee::store {
namespace {

// What a look-up by key weighs against one step of a scan.
constexpr std::int64_t kLookupRows = 2;
// How far to look for a first delivery of the next page.
constexpr std::int64_t kPeekRows = 100;
// The position after the last delivery of an event: no endpoint has a smaller number.
constexpr EndpointNumber kLastInEvent{1};
constexpr EventSeq kFirstPossible{1};

EventSeq before(EventSeq seq) {
  return EventSeq{seq.value - 1};
}
EventSeq after(EventSeq seq) {
  return EventSeq{seq.value + 1};
}

SeqRange intersect(SeqRange a, SeqRange b) {
  return {std::max(a.first, b.first), std::min(a.last, b.last)};
}

// Nothing also of one that lies on a damaged page, which SQLite's files have told by then.
Result<std::optional<EventHead>> readable_head(Database& db, EventSeq seq) {
  auto head = find_head(db, seq);
  if (head || head.error().code != ErrorCode::damaged) return head;
  return std::optional<EventHead>{};
}

// Two descending cursors over one stretch, taken together event by event.
class EventsWithRows {
 public:
  EventsWithRows(Database& db, Query rows, SeqRange range, bool walk)
      : db_(db),
        rows_(std::move(rows)),
        has_row_(rows_.step()) {
    if (walk) events_.emplace(db, range);
    walk_on();
  }

  bool at_end() { return !has_row_ && !walked_ && whole(); }

  // The next event and its rows. `cost` is raised by what was looked at.
  Result<std::optional<EventHead>> take(std::vector<DeliveryRow>& rows, std::int64_t& cost) {
    rows.clear();
    EXPOSEE_TRY(whole());
    const auto with_row = has_row_ ? rows_.number<EventSeq>(0) : EventSeq{};
    const auto seq = walked_ ? std::max(walked_->seq, with_row) : with_row;
    for (; has_row_ && rows_.number<EventSeq>(0) == seq; has_row_ = rows_.step(), ++cost) {
      rows.push_back(read_delivery(rows_));
    }
    EXPOSEE_TRY(rows_.result());  // without its rows, an event's deliveries would be made up
    if (!walked_ || walked_->seq != seq) {
      cost += kLookupRows;
      return readable_head(db_, seq);
    }
    ++cost;
    auto taken = std::move(walked_);
    walk_on();
    return taken;
  }

 private:
  // Whatever cannot be read is told when it would be next.
  Result<void> whole() {
    EXPOSEE_TRY(rows_.result());
    return failed_ ? Result<void>(*failed_) : Result<void>{};
  }
  void walk_on() {
    walked_.reset();
    if (!events_) return;
    auto next = events_->next();
    next ? void(walked_ = *next) : void(failed_ = next.error());
  }

  Database& db_;
  Query rows_;
  bool has_row_;
  std::optional<HeadWalk> events_;
  std::optional<EventHead> walked_;
  std::optional<Error> failed_;
};

}  // namespace

Result<DeliveryPage> DeliveryList::page() {
  EXPOSEE_TRY(plan());
  for (const auto& stretch : stretches_) {
    auto more = stretch.sweep == Sweep::packs ? list_packed(stretch) : list(stretch);
    if (!more) return std::move(more).error();
    if (!*more) break;
  }
  return std::move(page_);
}

// --- planning -------------------------------------------------------------------------------------------

// What is derived has none.
bool DeliveryList::with_cause() const {
  return filter_.cause && *filter_.cause != Cause::none;
}

Result<void> DeliveryList::plan() {
  auto whole = whole_range();
  if (!whole) return std::move(whole).error();
  const auto status = filter_.status;
  if (status == DeliveryStatus::cancelled) return plan_cancelled(*whole);
  if (status == DeliveryStatus::pending && !with_cause()) return plan_pending(*whole);
  if (!status || status == DeliveryStatus::succeeded) {
    add_stretch(*whole, with_cause() ? Sweep::rows : Sweep::events);
  } else {
    add_stretch(*whole, Sweep::rows_of_status);
  }
  return {};
}

Result<SeqRange> DeliveryList::whole_range() const {
  SeqRange whole{kFirstPossible, kLastPossible};
  if (filter_.since || filter_.until) {
    auto accepted = accepted_between(db_, filter_.since, filter_.until);
    if (!accepted) return accepted;
    whole = *accepted;
  }
  if (filter_.event) whole = intersect(whole, {*filter_.event, *filter_.event});
  if (filter_.before) {
    const auto [event, endpoint] = *filter_.before;
    whole = intersect(whole, {kFirstPossible, endpoint > kLastInEvent ? event : before(event)});
  }
  return whole;
}

// Where marks cannot be read all events are looked at.
Result<void> DeliveryList::plan_pending(SeqRange whole) {
  auto low_water = lowest_mark(db_);
  if (!low_water && low_water.error().code == ErrorCode::damaged) low_water = EventSeq{};
  if (!low_water) return std::move(low_water).error();
  add_stretch(intersect(whole, {after(*low_water), kLastPossible}), Sweep::events);
  add_stretch(intersect(whole, {kFirstPossible, *low_water}), Sweep::packs);
  return {};
}

// Versions never fall from one event to the next, so that an interval of versions is a stretch of events.
// Outside of it whatever is pending is covered by an open interval, or by hand; within it a pending row may
// count as cancelled.
Result<void> DeliveryList::plan_cancelled(SeqRange whole) {
  const auto closed = coverage_.closed(filter_.type, filter_.endpoint);
  if (!closed) return closed.error();
  if (!*closed) {
    add_stretch(whole, Sweep::rows_of_status);
    return {};
  }
  auto first = first_under(db_, (*closed)->first);
  if (!first) return std::move(first).error();
  auto end = first_under(db_, (*closed)->second);
  if (!end) return std::move(end).error();
  add_stretch(intersect(whole, {*end, kLastPossible}), Sweep::rows_of_status);
  add_stretch(intersect(whole, {*first, before(*end)}), with_cause() ? Sweep::rows : Sweep::events);
  add_stretch(intersect(whole, {kFirstPossible, before(*first)}), Sweep::rows_of_status);
  return {};
}

void DeliveryList::add_stretch(SeqRange range, Sweep sweep) {
  if (range.first <= range.last) stretches_.push_back({range, sweep});
}

bool DeliveryList::is_wanted_kind(Cover cover) const {
  if (filter_.status == DeliveryStatus::pending) return cover == Cover::open;
  if (filter_.status == DeliveryStatus::cancelled) return cover == Cover::closed;
  return true;
}

// --- walking --------------------------------------------------------------------------------------------

Result<bool> DeliveryList::list(const Stretch& stretch) {
  EventsWithRows events(db_, rows_of(stretch), stretch.range, stretch.sweep == Sweep::events);
  std::vector<DeliveryRow> rows;
  while (!events.at_end()) {
    if (page_ends()) return false;
    std::int64_t cost = 0;
    auto event = events.take(rows, cost);
    if (!event) return ends_at(event.error());
    left_ -= cost;
    const auto seq = *event ? (*event)->seq : rows.front().key.event;
    if (*event && event_passes(**event)) {
      auto more = visit(**event, rows, stretch.sweep);
      if (!more) return ends_at(more.error());
      if (!*more) return more;
    }
    position_ = DeliveryKey{seq, kLastInEvent};
  }
  return true;
}

// What comes before damage is a page; asking for what lies behind is an error.
Result<bool> DeliveryList::ends_at(const Error& error) {
  if (error.code != ErrorCode::damaged || page_.deliveries.empty()) return error;
  page_.next = position_;
  return false;
}

// What stands in packs is derived as all else is (ports/store.h), which a block with very many packs is listed by.
Result<bool> DeliveryList::list_packed(const Stretch& stretch) {
  for (auto left = stretch.range; left.first <= left.last;) {
    PackedWalk packs(db_, left, filter_.endpoint);
    auto more = list_packed(packs, {left, Sweep::packs});
    if (!more || !*more || !packs.crowded()) return more;
    more = list({*packs.crowded(), Sweep::events});
    if (!more || !*more) return more;
    left.last = before(packs.crowded()->first);
  }
  return true;
}

Result<bool> DeliveryList::list_packed(PackedWalk& packs, const Stretch& stretch) {
  auto rows = rows_of(stretch);
  for (bool has_row = rows.step();;) {
    if (page_ends()) return false;
    if (auto read = rows.result(); !read) return ends_at(read.error());
    std::int64_t cost = 1;
    auto packed = packs.next(cost);
    if (!packed) return ends_at(packed.error());
    const auto with_row = has_row ? rows.number<EventSeq>(0) : EventSeq{};
    const auto seq = std::max(*packed, with_row);
    if (!seq || (packs.crowded() && seq <= packs.crowded()->last)) break;
    std::vector<DeliveryRow> of_event;
    for (; has_row && rows.number<EventSeq>(0) == seq; has_row = rows.step(), ++cost)
      of_event.push_back(read_delivery(rows));
    if (auto read = rows.result(); !read) return ends_at(read.error());
    left_ -= cost;
    const auto endpoints = *packed == seq ? packs.take() : std::vector<EndpointNumber>{};
    auto more = visit_packed(seq, std::move(of_event), endpoints);
    if (!more) return ends_at(more.error());
    if (!*more) return more;
  }
  return true;
}

// What a pack names may have a row by now, whatever it says.
Result<bool> DeliveryList::visit_packed(EventSeq seq, std::vector<DeliveryRow>&& rows,
                                        const std::vector<EndpointNumber>& packed) {
  auto event = readable_head(db_, seq);
  if (!event) return std::move(event).error();
  left_ -= kLookupRows;
  if (*event && event_passes(**event)) {
    auto found = candidates(**event, rows, Sweep::packs);
    if (!found) return std::move(found).error();
    auto& all = *found;
    for (const auto endpoint : packed) {
      const bool seen = std::ranges::find(all, endpoint, &Candidate::endpoint) != all.end();
      if (seen || !is_wanted({seq, endpoint})) continue;
      auto row = find_delivery_row(db_, {seq, endpoint});
      if (!row) return std::move(row).error();
      left_ -= kLookupRows;
      if (!*row) all.push_back({endpoint, std::nullopt});
    }
    std::ranges::sort(all, std::ranges::greater{}, &Candidate::endpoint);
    auto more = visit_all(**event, all);
    if (!more || !*more) return more;
  }
  position_ = DeliveryKey{seq, kLastInEvent};
  return true;
}

// Beside a walk every row matters, for it stands in for what would be derived. The literal `status <> 2`
// makes SQLite see that the partial index holds.
Query DeliveryList::rows_of(const Stretch& stretch) {
  const auto [first, last] = stretch.range;
  if (stretch.sweep == Sweep::rows_of_status || stretch.sweep == Sweep::packs) {
    return db_.query("SELECT " EXPOSEE_DELIVERY_COLUMNS
                     " FROM delivery"
                     " WHERE status <> 2 AND status = ?3 AND event BETWEEN ?1 AND ?2"
                     " ORDER BY event DESC, endpoint DESC",
                     first, last, *filter_.status);
  }
  return db_.query("SELECT " EXPOSEE_DELIVERY_COLUMNS
                   " FROM delivery WHERE event BETWEEN ?1 AND ?2"
                   " ORDER BY event DESC, endpoint DESC",
                   first, last);
}

Result<bool> DeliveryList::visit(const EventHead& event, const std::vector<DeliveryRow>& rows, Sweep sweep) {
  const auto all = candidates(event, rows, sweep);
  return all ? visit_all(event, *all) : all.error();
}

Result<bool> DeliveryList::visit_all(const EventHead& event, const std::vector<Candidate>& all) {
  for (const auto& candidate : all) {
    if (page_ends()) return false;
    EXPOSEE_TRY(consider(event, candidate));
    position_ = DeliveryKey{event.seq, candidate.endpoint};
  }
  return true;
}

bool DeliveryList::is_wanted(const DeliveryKey& key) const {
  if (filter_.endpoint && *filter_.endpoint != key.endpoint) return false;
  return !filter_.before || filter_.before->event != key.event || key.endpoint < filter_.before->endpoint;
}

// In the order of the list, what is not after the cursor left out.
Result<std::vector<DeliveryList::Candidate>> DeliveryList::candidates(const EventHead& event,
                                                                      const std::vector<DeliveryRow>& rows,
                                                                      Sweep sweep) {
  std::vector<Candidate> all;
  const auto wanted = [&](EndpointNumber endpoint) { return is_wanted({event.seq, endpoint}); };
  const auto endpoint_of_row = [](const DeliveryRow& row) { return row.key.endpoint; };
  for (const auto& row : rows) {
    if (wanted(row.key.endpoint)) all.push_back({row.key.endpoint, row});
  }
  if (sweep == Sweep::events) {
    const auto owed = owed_to(event);
    if (!owed) return owed.error();
    for (const auto endpoint : **owed) {
      const bool has_row =
          std::ranges::binary_search(rows, endpoint, std::ranges::greater{}, endpoint_of_row);
      if (!has_row && wanted(endpoint)) all.push_back({endpoint, std::nullopt});
    }
  }
  std::ranges::sort(all, std::ranges::greater{}, &Candidate::endpoint);
  return all;
}

Result<const std::vector<EndpointNumber>*> DeliveryList::owed_to(const EventHead& event) {
  auto& owed = owed_[event.type];
  if (owed.version == event.version) return &owed.endpoints;
  auto covered = coverage_.covered(event.type, event.version);
  if (!covered) return std::move(covered).error();
  owed = {event.version, {}};
  for (const auto& [endpoint, cover] : *covered) {
    const bool wanted = !filter_.endpoint || *filter_.endpoint == endpoint;
    if (wanted && is_wanted_kind(cover)) owed.endpoints.push_back(endpoint);
  }
  return &owed.endpoints;
}

Result<void> DeliveryList::consider(const EventHead& event, const Candidate& candidate) {
  const DeliveryKey key{event.seq, candidate.endpoint};
  const auto cover = coverage_.cover(event.type, event.version, candidate.endpoint);
  if (!cover) return cover.error();
  DeliveryRow row;
  if (candidate.row) {
    row = as_it_counts(*candidate.row, *cover);
    if (!passes(row)) return {};
  }
  left_ -= kLookupRows;
  auto attempts = summarize_attempts(db_, successes_, key);
  if (!attempts) return std::move(attempts).error();
  if (!candidate.row) row = derive(key, *cover, event.accepted_at, *attempts);
  if (passes(row)) {
    add({row, event.id, event.type, event.accepted_at,
         attempts->count ? std::optional(attempts->last_started_at) : std::nullopt});
  }
  return {};
}

// Once the page is full one more delivery is looked for, nearby only, so that most lists end without an empty
// page.
void DeliveryList::add(const DeliveryView& view) {
  if (page_.deliveries.size() == filter_.limit) {
    page_.next = page_.deliveries.back().row.key;
    return;
  }
  page_.deliveries.push_back(view);
  if (page_.deliveries.size() == filter_.limit) left_ = std::min(left_, kPeekRows);
}

bool DeliveryList::event_passes(const EventHead& event) const {
  return (!filter_.type || *filter_.type == event.type) &&
         (!filter_.since || *filter_.since <= event.accepted_at) &&
         (!filter_.until || event.accepted_at < *filter_.until);
}

bool DeliveryList::passes(const DeliveryRow& row) const {
  return (!filter_.status || *filter_.status == row.status) &&
         (!filter_.cause || *filter_.cause == row.cause);
}

bool DeliveryList::page_ends() {
  if (page_.next) return true;
  if (left_ <= 0) page_.next = position_;
  return page_.next.has_value();
}

}  // namespace exposee::store

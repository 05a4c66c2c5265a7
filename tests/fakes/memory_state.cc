#include "fakes/memory_state.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string_view>
#include <tuple>

#include "core/event_type.h"

namespace exposee::fakes::memory {
namespace {

constexpr DeliveryKey first_of(EventSeq event) {
  return {event, {}};
}
constexpr DeliveryKey last_of(EventSeq event) {
  return {event, EndpointNumber{std::numeric_limits<std::uint64_t>::max()}};
}

std::string_view type_name(const MemoryState& state, const Event& event) {
  const auto type = state.types.find(event.type);
  return type == state.types.end() ? std::string_view{} : type->second.name;
}

// Those to whom it was owed when it was accepted.
std::set<EndpointNumber> covered(const MemoryState& state, const Event& event) {
  const auto name = type_name(state, event);
  std::set<EndpointNumber> endpoints;
  for (const auto& s : state.subscriptions) {
    if (s.covers(event.version) && matches(s.pattern, name)) endpoints.insert(s.endpoint);
  }
  return endpoints;
}

std::set<EndpointNumber> endpoints_of(const MemoryState& state, const Event& event) {
  auto endpoints = covered(state, event);
  const auto end = state.rows.upper_bound(last_of(event.seq));
  for (auto it = state.rows.lower_bound(first_of(event.seq)); it != end; ++it)
    endpoints.insert(it->first.endpoint);
  return endpoints;
}

DeliveryRow without_row(const MemoryState& state, const Event& event, EndpointNumber endpoint, Cover cover) {
  DeliveryRow row;
  row.key = {event.seq, endpoint};
  row.updated_at = event.accepted_at;
  bool succeeded = false;
  if (const auto made = state.attempts.find(row.key); made != state.attempts.end()) {
    for (const auto& [number, attempt] : made->second) {
      row.attempts = number;
      row.http_status = static_cast<std::uint16_t>(attempt.response.status);
      row.updated_at = attempt.response.started_at + attempt.response.timing.total;
      succeeded = succeeded || attempt.succeeded;
    }
  }
  row.status = succeeded              ? DeliveryStatus::succeeded
               : cover == Cover::open ? DeliveryStatus::pending
                                      : DeliveryStatus::cancelled;
  if (row.status == DeliveryStatus::pending) row.due = event.accepted_at;
  return row;
}

DeliveryRow with_row(DeliveryRow row, Cover cover) {
  if (row.status == DeliveryStatus::pending && !row.manual && cover != Cover::open) {
    row.status = DeliveryStatus::cancelled;
    row.due.reset();
  }
  return row;
}

bool passes(const DeliveryFilter& filter, const DeliveryView& view) {
  const auto& row = view.row;
  return (!filter.status || *filter.status == row.status) &&
         (!filter.event || *filter.event == row.key.event) && (!filter.type || *filter.type == view.type) &&
         (!filter.endpoint || *filter.endpoint == row.key.endpoint) &&
         (!filter.cause || *filter.cause == row.cause) &&
         (!filter.since || *filter.since <= view.created_at) &&
         (!filter.until || view.created_at < *filter.until) && (!filter.before || row.key < *filter.before);
}

EventSeq lowest_mark(const MemoryState& state) {
  EventSeq lowest = *std::ranges::min_element(state.checkpoints);
  for (const auto& mark : state.marks) lowest = std::min(lowest, mark.low_water);
  return lowest;
}

bool has_pending_row(const MemoryState& state, EventSeq event) {
  const auto of_event =
      std::ranges::subrange(state.rows.lower_bound(first_of(event)), state.rows.upper_bound(last_of(event)));
  return std::ranges::any_of(
      of_event, [](const auto& entry) { return entry.second.status == DeliveryStatus::pending; });
}

bool is_packed(const MemoryState& state, EventSeq event) {
  return std::ranges::any_of(state.packs, [&](const auto& entry) {
    const auto& pack = entry.second;
    return pack.first() <= event && event <= pack.last() && std::ranges::binary_search(pack.events(), event);
  });
}

// Removes at most `most` entries of the event's from the map; how many.
template <class Map>
std::uint64_t remove_some(Map& map, EventSeq event, std::uint64_t most) {
  std::uint64_t removed = 0;
  for (auto it = map.lower_bound(first_of(event));
       it != map.end() && it->first.event == event && removed < most;) {
    it = map.erase(it);
    ++removed;
  }
  return removed;
}

std::uint64_t remove_attempts(MemoryState& state, EventSeq event, std::uint64_t most) {
  std::uint64_t removed = 0;
  while (removed < most) {
    const auto it = state.attempts.lower_bound(first_of(event));
    if (it == state.attempts.end() || it->first.event != event) break;
    it->second.erase(it->second.begin());
    if (it->second.empty()) state.attempts.erase(it);
    ++removed;
  }
  return removed;
}

bool has_rest(const MemoryState& state, EventSeq event) {
  const auto attempt = state.attempts.lower_bound(first_of(event));
  const auto row = state.rows.lower_bound(first_of(event));
  return (attempt != state.attempts.end() && attempt->first.event == event) ||
         (row != state.rows.end() && row->first.event == event);
}

// What hangs on a removed event; false: the limit came first.
bool remove_rest(MemoryState& state, EventSeq event, std::uint64_t& limit) {
  limit -= remove_attempts(state, event, limit);
  limit -= remove_some(state.rows, event, limit);
  const bool finished = !has_rest(state, event);
  state.expiring = finished ? EventSeq{} : event;
  return finished;
}

std::optional<EventSeq> next_to_expire(const MemoryState& state, Instant before) {
  for (const auto& [seq, event] : state.events) {
    if (seq > lowest_mark(state)) break;
    if (event->accepted_at < before && !has_pending_row(state, seq) && !is_packed(state, seq)) return seq;
  }
  return std::nullopt;
}

void expire_events(MemoryState& state, Instant before, std::uint64_t limit, Expired& done) {
  done.more = true;
  if (state.expiring && !remove_rest(state, state.expiring, limit)) return;
  while (limit > 0) {
    const auto seq = next_to_expire(state, before);
    if (!seq) return void(done.more = false);
    state.events.erase(*seq);
    state.last_expired = std::max(state.last_expired, *seq);
    ++done.events;
    --limit;
    if (!remove_rest(state, *seq, limit)) return;
  }
}

void expire_replies(MemoryState& state, Instant before, std::uint64_t limit, Expired& done) {
  while (done.replies < limit) {
    const auto oldest =
        std::ranges::min_element(state.replies, {}, [](const auto& entry) { return entry.second.stored_at; });
    if (oldest == state.replies.end() || oldest->second.stored_at >= before) return;
    state.replies.erase(oldest);
    ++done.replies;
  }
  done.more = true;
}

}  // namespace

Cover cover(const MemoryState& state, const Event& event, EndpointNumber endpoint) {
  const auto name = type_name(state, event);
  Cover cover = Cover::none;
  for (const auto& s : state.subscriptions) {
    if (s.endpoint != endpoint || !s.covers(event.version) || !matches(s.pattern, name)) continue;
    if (!s.until) return Cover::open;
    cover = Cover::closed;
  }
  return cover;
}

std::optional<DeliveryView> view_delivery(const MemoryState& state, const DeliveryKey& key) {
  const auto event = state.events.find(key.event);
  if (event == state.events.end()) return std::nullopt;
  const auto& e = *event->second;
  const auto covered = cover(state, e, key.endpoint);
  const auto row = state.rows.find(key);
  if (row == state.rows.end() && covered == Cover::none) return std::nullopt;
  DeliveryView view;
  view.row =
      row != state.rows.end() ? with_row(row->second, covered) : without_row(state, e, key.endpoint, covered);
  view.event_id = e.id;
  view.type = e.type;
  view.created_at = e.accepted_at;
  if (const auto made = state.attempts.find(key); made != state.attempts.end()) {
    view.last_attempt_at = made->second.rbegin()->second.response.started_at;
  }
  return view;
}

std::vector<DeliveryView> deliveries_of(const MemoryState& state, const Event& event) {
  std::vector<DeliveryView> views;
  for (const auto endpoint : endpoints_of(state, event)) {
    views.push_back(*view_delivery(state, {event.seq, endpoint}));
  }
  std::ranges::reverse(views);
  return views;
}

EventPage list_events(const MemoryState& state, const EventFilter& filter) {
  EventPage page;
  for (auto it = state.events.rbegin(); it != state.events.rend(); ++it) {
    const auto& event = *it->second;
    const bool wanted = (!filter.before || event.seq < *filter.before) &&
                        (!filter.type || event.type == *filter.type) &&
                        (!filter.since || *filter.since <= event.accepted_at) &&
                        (!filter.until || event.accepted_at < *filter.until);
    if (!wanted) continue;
    if (page.events.size() == filter.limit) {
      page.next = page.events.back().seq;
      return page;
    }
    const auto owed = covered(state, event).size();
    page.events.push_back(
        {event.seq, event.id, event.type, event.accepted_at, static_cast<std::uint32_t>(owed)});
  }
  return page;
}

DeliveryPage list_deliveries(const MemoryState& state, const DeliveryFilter& filter) {
  DeliveryPage page;
  for (auto event = state.events.rbegin(); event != state.events.rend(); ++event) {
    for (const auto& view : deliveries_of(state, *event->second)) {
      if (!passes(filter, view)) continue;
      if (page.deliveries.size() == filter.limit) {
        page.next = page.deliveries.back().row.key;
        return page;
      }
      page.deliveries.push_back(view);
    }
  }
  return page;
}

std::uint64_t epoch_of(const MemoryState& state, std::uint64_t node) {
  const auto found = state.epochs.find(node);
  return found == state.epochs.end() ? 0 : found->second;
}

StartState start_state(const MemoryState& state) {
  StartState start;
  start.last_event = state.last_expired;
  if (!state.events.empty()) start.last_event = std::max(start.last_event, state.events.rbegin()->first);
  const auto last_turn = state.last_turns.find(start.last_turn.node);
  if (last_turn != state.last_turns.end()) start.last_turn.turn = last_turn->second;
  start.version = state.version;
  start.last_type = state.last_type;
  start.last_endpoint = state.last_endpoint;
  for (const auto& [number, type] : state.types) start.types.push_back(type);
  for (const auto& [number, endpoint] : state.endpoints) start.endpoints.push_back(endpoint);
  for (const auto& s : state.subscriptions) {
    if (!s.until) start.subscriptions.push_back(s);
  }
  std::ranges::sort(start.subscriptions, {},
                    [](const auto& s) { return std::tie(s.endpoint, s.pattern, s.from); });
  start.checkpoints = state.checkpoints;
  start.marks = state.marks;
  std::ranges::sort(start.marks, {}, &LaneMark::endpoint);
  std::set<EndpointNumber> with_rows;
  for (const auto& [key, row] : state.rows) with_rows.insert(key.endpoint);
  for (const auto number : with_rows) {
    const auto rows = pending_of(state, number);
    if (rows.empty()) continue;
    const auto asked = std::ranges::count_if(rows, &DeliveryRow::asked);
    start.pending.push_back({number, rows.size(), *rows.front().due, static_cast<std::uint64_t>(asked)});
  }
  for (const auto& [endpoint, hold] : state.holds) start.holds.push_back(hold);
  for (const auto& [key, pack] : state.packs) start.packs.push_back({key, pack.last(), pack.count()});
  for (const auto& [endpoint, row] : state.failing) start.failing.push_back(row);
  start.cut_off = cut_off(state);
  return start;
}

void put_row(MemoryState& state, const DeliveryRow& row) {
  state.rows[row.key] = row;
  auto& pending = state.pending[row.key.endpoint];
  if (row.status == DeliveryStatus::pending) {
    pending.insert(row.key.event);
  } else {
    pending.erase(row.key.event);
  }
}

std::vector<DeliveryRow> pending_of(const MemoryState& state, EndpointNumber endpoint) {
  std::vector<DeliveryRow> rows;
  const auto events = state.pending.find(endpoint);
  if (events == state.pending.end()) return rows;
  for (const auto event : events->second) {
    const auto row = state.rows.find({event, endpoint});  // none: it expired
    if (row != state.rows.end()) rows.push_back(row->second);
  }
  std::ranges::sort(rows, {}, [](const DeliveryRow& row) { return std::pair(*row.due, row.key.event); });
  return rows;
}

std::vector<DeliveryRow> pending_after(const MemoryState& state, EndpointNumber endpoint, bool asked,
                                       std::pair<Instant, EventSeq> place, std::uint32_t limit) {
  auto rows = pending_of(state, endpoint);
  std::erase_if(rows, [&](const DeliveryRow& row) {
    return row.asked != asked || std::pair(*row.due, row.key.event) <= place;
  });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

namespace {

bool is_kept(const MemoryState& state, EndpointNumber number) {
  const auto endpoint = state.endpoints.find(number);
  if (endpoint != state.endpoints.end() && !endpoint->second.removed_at) return true;
  if (std::ranges::any_of(state.packs, [&](const auto& pack) { return pack.first.endpoint == number; }))
    return true;
  if (!pending_of(state, number).empty()) return true;
  std::optional<RegistryVersion> from, until;
  for (const auto& s : state.subscriptions) {
    if (s.endpoint != number) continue;
    if (!s.until) return true;
    from = std::min(from.value_or(s.from), s.from);
    until = std::max(until.value_or(s.until), s.until);
  }
  return from && std::ranges::any_of(state.events, [&](const auto& event) {
           return event.second->version >= *from && event.second->version < *until;
         });
}

}  // namespace

std::vector<EndpointNumber> forgettable(const MemoryState& state, std::span<const EndpointNumber> endpoints) {
  std::vector<EndpointNumber> gone;
  if (state.expiring) return gone;
  for (const auto number : endpoints) {
    if (!is_kept(state, number)) gone.push_back(number);
  }
  return gone;
}

void forget(MemoryState& state, std::span<const EndpointNumber> endpoints) {
  for (const auto number : endpoints) {
    state.endpoints.erase(number);
    state.holds.erase(number);
    state.failing.erase(number);
    std::erase_if(state.subscriptions, [&](const Subscription& s) { return s.endpoint == number; });
    std::erase_if(state.marks, [&](const LaneMark& mark) { return mark.endpoint == number; });
  }
}

namespace {

SubscriptionKey key_of(const Subscription& s) {
  return {s.endpoint, s.pattern, s.from};
}

bool has_event_of(const MemoryState& state, const Subscription& s) {
  return std::ranges::any_of(state.events, [&](const auto& event) { return s.covers(event.second->version); });
}

}  // namespace

EndedLook ended_subscriptions(const MemoryState& state, const SubscriptionKey& after, std::uint64_t limit) {
  EndedLook look;
  if (state.expiring) return {.done = {.some_stay = true}, .gone = {}};
  auto all = state.subscriptions;
  std::ranges::sort(all, {}, key_of);
  std::erase_if(all, [&](const Subscription& s) { return key_of(s) <= after; });
  if (all.size() >= limit) {
    all.resize(limit);
    look.done.next = key_of(all.back());
  }
  for (const auto& s : all) {
    if (!s.until) continue;
    has_event_of(state, s) ? void(look.done.some_stay = true) : look.gone.push_back(key_of(s));
  }
  look.done.gone = look.gone.size();
  return look;
}

void forget(MemoryState& state, std::span<const SubscriptionKey> subscriptions) {
  std::erase_if(state.subscriptions,
                [&](const Subscription& s) { return std::ranges::find(subscriptions, key_of(s)) != subscriptions.end(); });
}

void add_document(MemoryState& state, const Document& document) {
  if (const auto* user = std::get_if<UserRow>(&document)) state.users.push_back(*user);
  if (const auto* message = std::get_if<MessageRow>(&document)) state.messages.push_back(*message);
}

bool has_document(const MemoryState& state, const DocumentKey& key) {
  return key.kind == DocumentKind::user && has_user(state, key.text);
}

bool has_user(const MemoryState& state, std::string_view name) {
  return std::ranges::any_of(state.users, [&](const UserRow& user) { return user.name == name; });
}

bool is_touched(const MemoryState& state, const DeliveryKey& key) {
  return state.rows.contains(key) || state.attempts.contains(key);
}

OwedPage owed_events(const MemoryState& state, EndpointNumber endpoint, std::span<const EventSeq> events,
                     std::size_t max_bytes) {
  OwedPage page;
  for (const auto seq : events) {
    ++page.looked_at;
    const auto found = state.events.find(seq);
    if (found == state.events.end()) continue;
    if (cover(state, *found->second, endpoint) != Cover::open) {
      ++page.unowed;
    } else if (!is_touched(state, {seq, endpoint})) {
      page.events.push_back(found->second);
      page.bytes += found->second->body.size();
      if (page.bytes >= max_bytes) break;
    }
  }
  return page;
}

Expired expire(MemoryState& state, Instant events_before, Instant replies_before, std::uint64_t limit) {
  Expired done{.rows = limit};
  expire_events(state, events_before, limit, done);
  expire_replies(state, replies_before, limit, done);
  return done;
}

}  // namespace exposee::fakes::memory

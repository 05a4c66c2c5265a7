#include "store/sqlite/registry_rows.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "store/sqlite/delivery_rows.h"

namespace exposee::store {
namespace {

// "5000 300000": whole milliseconds divided by one space.
std::string waits_text(const RetrySchedule& schedule) {
  std::string text;
  for (const auto wait : schedule.waits) {
    if (!text.empty()) text += ' ';
    text += std::to_string(wait.count());
  }
  return text;
}

RetrySchedule parse_waits(std::string_view text) {
  RetrySchedule schedule;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    std::int64_t milliseconds = 0;
    std::from_chars(text.data() + at, text.data() + end, milliseconds);
    schedule.waits.emplace_back(milliseconds);
    at = end + 1;
  }
  return schedule;
}

Endpoint read_endpoint(const Query& query) {
  Endpoint endpoint;
  endpoint.number = query.number<EndpointNumber>(0);
  endpoint.id = EndpointId{query.bits(1)};
  endpoint.url = query.text(2);
  endpoint.description = query.text(3);
  endpoint.secret = query.text(4);
  if (!query.is_null(5)) endpoint.timeout = std::chrono::milliseconds{query.integer(5)};
  if (!query.is_null(6)) endpoint.schedule = parse_waits(query.view(6));
  endpoint.max_in_flight = query.as<std::uint32_t>(7);
  endpoint.rate_per_second = query.as<std::uint32_t>(8);
  endpoint.ordered = query.flag(9);
  endpoint.paused = query.flag(10);
  endpoint.disabled_reason = query.text(11);
  endpoint.disabled_at = query.maybe_instant(12);
  endpoint.failing_since = query.maybe_instant(13);
  endpoint.created_at = query.instant(14);
  endpoint.updated_at = query.instant(15);
  endpoint.removed_at = query.maybe_instant(16);
  return endpoint;
}

Result<void> load_meta(Database& db, StartState& state) {
  auto query = db.query(
      "SELECT registry_version, checkpoint,"
      " max(last_expired, coalesce((SELECT max(seq) FROM event), 0)) FROM meta");
  if (query.step()) {
    state.version = query.number<RegistryVersion>(0);
    state.checkpoint = query.number<EventSeq>(1);
    state.last_event = query.number<EventSeq>(2);
  }
  EXPOSEE_TRY(query.result());
  auto marks = db.query("SELECT endpoint, low_water FROM lane_mark ORDER BY endpoint");
  while (marks.step()) {
    state.marks.push_back({marks.number<EndpointNumber>(0), marks.number<EventSeq>(1)});
  }
  return marks.result();
}

Result<void> load_types(Database& db, StartState& state) {
  auto query = db.query("SELECT number, name, description, created_at FROM event_type ORDER BY number");
  while (query.step()) {
    state.types.push_back({query.number<TypeNumber>(0), query.text(1), query.text(2), query.instant(3)});
  }
  return query.result();
}

Result<void> load_endpoints(Database& db, StartState& state) {
  std::unordered_map<EndpointNumber, std::vector<PatternEntry>> patterns;
  auto entries =
      db.query("SELECT endpoint, pattern, since FROM endpoint_pattern ORDER BY endpoint, position");
  while (entries.step()) {
    patterns[entries.number<EndpointNumber>(0)].push_back(
        {entries.text(1), entries.number<RegistryVersion>(2)});
  }
  EXPOSEE_TRY(entries.result());
  auto query = db.query(
      "SELECT number, id, url, description, secret, timeout_ms, schedule_ms, max_in_flight,"
      " rate_per_second, ordered, paused, disabled_reason, disabled_at, failing_since, created_at, "
      "updated_at, removed_at FROM endpoint"
      " ORDER BY number");
  while (query.step()) {
    state.endpoints.push_back(read_endpoint(query));
    state.endpoints.back().events = std::move(patterns[state.endpoints.back().number]);
  }
  return query.result();
}

Result<void> load_subscriptions(Database& db, StartState& state) {
  auto query = db.query(
      "SELECT type, endpoint, from_version FROM subscription WHERE until_version IS NULL"
      " ORDER BY type, endpoint, from_version");
  while (query.step()) {
    state.subscriptions.push_back(
        {query.number<TypeNumber>(0), query.number<EndpointNumber>(1), query.number<RegistryVersion>(2), {}});
  }
  return query.result();
}

Result<void> put_patterns(Database& db, const Endpoint& endpoint) {
  EXPOSEE_TRY(db.query("DELETE FROM endpoint_pattern WHERE endpoint = ?1", endpoint.number).run());
  for (std::size_t position = 0; position < endpoint.events.size(); ++position) {
    const auto& entry = endpoint.events[position];
    EXPOSEE_TRY(db.query("INSERT INTO endpoint_pattern VALUES (?1, ?2, ?3, ?4)", endpoint.number, position,
                         entry.pattern, entry.since)
                    .run());
  }
  return {};
}

Result<void> note_subscription_change(Database& db) {
  return db.query("UPDATE meta SET subscription_changes = subscription_changes + 1").run();
}

}  // namespace

Result<StartState> load_start_state(Database& db) {
  StartState state;
  EXPOSEE_TRY(load_meta(db, state));
  EXPOSEE_TRY(load_types(db, state));
  EXPOSEE_TRY(load_endpoints(db, state));
  EXPOSEE_TRY(load_subscriptions(db, state));
  auto pending = count_pending(db);
  if (!pending) return std::move(pending).error();
  state.pending = *std::move(pending);
  return state;
}

Result<void> put_registry_version(Database& db, RegistryVersion version) {
  return db.query("UPDATE meta SET registry_version = ?1", version).run();
}

Result<void> put_type(Database& db, const EventType& type) {
  return db
      .query("INSERT OR REPLACE INTO event_type VALUES (?1, ?2, ?3, ?4)", type.number, type.name,
             type.description, type.created_at)
      .run();
}

Result<void> put_endpoint_row(Database& db, const Endpoint& endpoint) {
  std::optional<std::string> waits;
  if (endpoint.schedule) waits = waits_text(*endpoint.schedule);
  EXPOSEE_TRY(
      db.query("INSERT OR REPLACE INTO endpoint VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,"
               " ?13, ?14, ?15, ?16, ?17)",
               endpoint.number, blob_of(endpoint.id.bits), endpoint.url, endpoint.description,
               endpoint.secret, endpoint.timeout, waits, endpoint.max_in_flight, endpoint.rate_per_second,
               endpoint.ordered, endpoint.paused, endpoint.disabled_reason, endpoint.disabled_at,
               endpoint.failing_since, endpoint.created_at, endpoint.updated_at, endpoint.removed_at)
          .run());
  return put_patterns(db, endpoint);
}

// OR REPLACE: an interval that was closed by the very version that opened it covers nothing, and may open
// again.
Result<void> insert_subscription(Database& db, const Subscription& subscription) {
  std::optional<RegistryVersion> until;
  if (subscription.until) until = subscription.until;
  EXPOSEE_TRY(db.query("INSERT OR REPLACE INTO subscription VALUES (?1, ?2, ?3, ?4)", subscription.type,
                       subscription.endpoint, subscription.from, until)
                  .run());
  return note_subscription_change(db);
}

Result<void> close_open_subscription(Database& db, TypeNumber type, EndpointNumber endpoint,
                                     RegistryVersion until) {
  EXPOSEE_TRY(db.query("UPDATE subscription SET until_version = ?3"
                       " WHERE type = ?1 AND endpoint = ?2 AND until_version IS NULL",
                       type, endpoint, until)
                  .run());
  return note_subscription_change(db);
}

Result<void> put_lane_marks(Database& db, EventSeq checkpoint, std::span<const LaneMark> marks) {
  EXPOSEE_TRY(db.query("UPDATE meta SET checkpoint = ?1", checkpoint).run());
  EXPOSEE_TRY(db.query("DELETE FROM lane_mark").run());
  for (const auto& mark : marks) {
    EXPOSEE_TRY(db.query("INSERT INTO lane_mark VALUES (?1, ?2)", mark.endpoint, mark.low_water).run());
  }
  return {};
}

Result<EventSeq> lowest_mark(Database& db) {
  auto query = db.query(
      "SELECT min(checkpoint, coalesce((SELECT min(low_water) FROM lane_mark), checkpoint))"
      " FROM meta");
  EventSeq lowest;
  if (query.step()) lowest = query.number<EventSeq>(0);
  EXPOSEE_TRY(query.result());
  return lowest;
}

}  // namespace exposee::store

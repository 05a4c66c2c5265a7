#include "store/sqlite/rows/registry_rows.h"

#include <algorithm>
#include <unordered_map>

#include "store/sqlite/rows/delivery_rows.h"
#include "store/sqlite/rows/event_end.h"
#include "store/sqlite/rows/mark_rows.h"
#include "store/sqlite/rows/numbers.h"
#include "store/sqlite/rows/pack_rows.h"
#include "store/sqlite/rows/setting_rows.h"

namespace exposee::store {
namespace {


// The columns of an endpoint but its settings', in the order in which they are read and written.
constexpr std::string_view kEndpointColumns =
    "number, id, url, secret, disabled_reason, disabled_at, failing_since, created_at, updated_at, "
    "removed_at";
constexpr std::string_view kEndpointParameters = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10";
constexpr int kEndpointColumnCount = 10;

const MadeSql& select_endpoints() {
  static const MadeSql sql{"SELECT " + std::string(kEndpointColumns) + setting_columns() +
                           " FROM endpoint ORDER BY number"};
  return sql;
}

const MadeSql& put_endpoint() {
  static const MadeSql sql{"INSERT OR REPLACE INTO endpoint (" + std::string(kEndpointColumns) +
                           setting_columns() + ") VALUES (" + std::string(kEndpointParameters) +
                           setting_parameters(kEndpointColumnCount + 1) + ")"};
  return sql;
}

Endpoint read_endpoint(const Query& query) {
  Endpoint endpoint;
  endpoint.number = query.number<EndpointNumber>(0);
  endpoint.id = EndpointId{query.bits(1)};
  endpoint.url = query.text(2);
  endpoint.secret = query.text(3);
  endpoint.disabled_reason = query.text(4);
  endpoint.disabled_at = query.maybe_instant(5);
  endpoint.failing_since = query.maybe_instant(6);
  endpoint.created_at = query.instant(7);
  endpoint.updated_at = query.instant(8);
  endpoint.removed_at = query.maybe_instant(9);
  endpoint.settings = read_settings(query, kEndpointColumnCount);
  query.tell_fault("endpoint", "the server's default or nothing takes its place", endpoint.number.value);
  return endpoint;
}

// The greatest of what speaks of a number: one row that is damaged must not let it be given out twice.
Result<std::uint64_t> greatest(Query&& query, std::uint64_t limit) {
  std::uint64_t value = 0;
  while (query.step()) {
    const auto one = query.as<std::uint64_t>(0);
    if (one <= limit) value = std::max(value, one);
  }
  EXPOSEE_TRY(query.result());
  return value;
}

// Of the newest event that can be read.
Result<RegistryVersion> newest_version(Database& db) {
  auto end = readable_end(db);
  if (!end) return std::move(end).error();
  if (!end->last) return RegistryVersion{};
  return first_number<RegistryVersion>(db.query("SELECT version FROM event WHERE seq = ?1", end->last));
}

Result<void> load_version(Database& db, StartState& state) {
  auto seen = greatest(db.query("SELECT from_version FROM subscription UNION ALL"
                                " SELECT until_version FROM subscription UNION ALL"
                                " SELECT since FROM endpoint_pattern"),
                       kLastVersion);
  auto newest = newest_version(db);
  if (!seen) return std::move(seen).error();
  if (!newest) return std::move(newest).error();
  if (newest->value > kLastVersion) newest = RegistryVersion{};
  state.version = std::max({state.version, RegistryVersion{*seen}, *newest});
  return {};
}

Result<void> load_last_event(Database& db, StartState& state) {
  auto last = last_event(db);
  if (!last) return std::move(last).error();
  state.last_event = last->taken;
  if (last->taken == last->named) return {};
  db.tell({"event", "behind " + std::to_string(last->named.value),
           "whether there were more on a damaged page is not noted; new ones are numbered from " +
               std::to_string(last->taken.value + 1)});
  return {};
}

Result<void> load_meta(Database& db, StartState& state) {
  auto query = db.query("SELECT registry_version, last_expired, last_type, last_endpoint FROM meta");
  if (query.step()) {
    const auto version = query.as<std::uint64_t>(0);
    state.version = RegistryVersion{version <= kLastVersion ? version : 0};
    (void)query.as<std::uint64_t>(1);
    state.last_type = query.number<TypeNumber>(2);
    state.last_endpoint = query.number<EndpointNumber>(3);
    query.tell_fault("meta", "it is found out anew", 1);
  }
  EXPOSEE_TRY(query.result());
  EXPOSEE_TRY(load_version(db, state));
  return load_last_event(db, state);
}

Result<void> load_types(Database& db, StartState& state) {
  auto query =
      db.query("SELECT number, name, description, created_at, removed_at FROM event_type ORDER BY number");
  while (query.step()) {
    state.types.push_back({query.number<TypeNumber>(0), query.text(1), query.text(2), query.instant(3),
                           query.maybe_instant(4)});
    auto& removed_at = state.types.back().removed_at;
    if (removed_at == Instant{}) removed_at.reset();  // damaged: better declared than refused
    query.tell_fault("event_type", "the rest of it is gone by", state.types.back().number.value);
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
    entries.tell_fault("endpoint_pattern", "the rest of it is gone by",
                       entries.number<EndpointNumber>(0).value);
  }
  EXPOSEE_TRY(entries.result());
  auto query = db.query(select_endpoints());
  while (query.step()) {
    state.endpoints.push_back(read_endpoint(query));
    state.endpoints.back().events = std::move(patterns[state.endpoints.back().number]);
  }
  return query.result();
}

Result<void> load_subscriptions(Database& db, StartState& state) {
  auto query = db.query(
      "SELECT endpoint, pattern, from_version FROM subscription WHERE until_version IS NULL"
      " ORDER BY endpoint, pattern, from_version");
  while (query.step()) {
    state.subscriptions.push_back(
        {query.text(1), query.number<EndpointNumber>(0), query.number<RegistryVersion>(2), {}});
    query.tell_fault("subscription", "the rest of it is gone by", state.subscriptions.back().endpoint.value);
  }
  return query.result();
}

// Without what these rows say it goes on.
Result<void> unless_unreadable(Database& db, Query& query, std::string_view table, std::string_view what_then) {
  if (!query.is_unreadable()) return query.result();
  db.tell({std::string(table), "some", "they cannot be read; " + std::string(what_then)});
  return {};
}

Result<void> load_holds(Database& db, StartState& state) {
  auto query = db.query("SELECT endpoint, until FROM endpoint_hold ORDER BY endpoint");
  while (query.step()) state.holds.push_back({query.number<EndpointNumber>(0), query.instant(1)});
  return unless_unreadable(db, query, "endpoint_hold", "endpoints behind it are held no longer");
}

Result<void> load_failing_days(Database& db, StartState& state) {
  auto query = db.query("SELECT endpoint, days, into_day_us FROM endpoint_failing ORDER BY endpoint");
  while (query.step()) {
    const auto days = static_cast<std::uint32_t>(query.integer(1, 0, kHopelessDays - 1));
    const Duration into_day{query.integer(2, 0, kFailingDay.count())};
    state.failing.push_back({query.number<EndpointNumber>(0), {days, into_day}});
    query.tell_fault("endpoint_failing", "its days of failing are counted anew",
                     state.failing.back().endpoint.value);
  }
  return unless_unreadable(db, query, "endpoint_failing", "their days of failing are counted anew");
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

}  // namespace

Result<void> note_subscription_change(Database& db) {
  return db.query("UPDATE meta SET subscription_changes = subscription_changes + 1").run();
}

Result<StartState> load_start_state(Database& db) {
  StartState state;
  EXPOSEE_TRY(load_meta(db, state));
  EXPOSEE_TRY(load_last_turn(db, state));
  EXPOSEE_TRY(load_marks(db, state));
  EXPOSEE_TRY(load_types(db, state));
  EXPOSEE_TRY(load_endpoints(db, state));
  EXPOSEE_TRY(load_subscriptions(db, state));
  auto pending = count_pending(db);
  if (!pending) return std::move(pending).error();
  state.pending = *std::move(pending);
  EXPOSEE_TRY(load_holds(db, state));
  auto packs = all_packs(db, state.last_event);
  if (!packs) return std::move(packs).error();
  state.packs = *std::move(packs);
  auto cut_off = cut_off_endpoints(db);
  if (!cut_off) return std::move(cut_off).error();
  state.cut_off = *std::move(cut_off);
  EXPOSEE_TRY(load_failing_days(db, state));
  return state;
}

Result<RegistryVersion> read_registry_version(Database& db) {
  return first_number<RegistryVersion>(db.query("SELECT registry_version FROM meta"));
}

Result<void> put_registry_version(Database& db, RegistryVersion version) {
  return db.query("UPDATE meta SET registry_version = ?1", version).run();
}

Result<void> put_last_numbers(Database& db, TypeNumber type, EndpointNumber endpoint) {
  return db
      .query("UPDATE meta SET last_type = max(last_type, ?1), last_endpoint = max(last_endpoint, ?2)"
             " WHERE last_type < ?1 OR last_endpoint < ?2",
             type, endpoint)
      .run();
}

Result<void> put_type(Database& db, const EventType& type) {
  return db
      .query("INSERT OR REPLACE INTO event_type VALUES (?1, ?2, ?3, ?4, ?5)", type.number, type.name,
             type.description, type.created_at, type.removed_at)
      .run();
}

Result<void> put_endpoint_row(Database& db, const Endpoint& endpoint) {
  auto query =
      db.query(put_endpoint(), endpoint.number, blob_of(endpoint.id.bits), endpoint.url, endpoint.secret,
               endpoint.disabled_reason, endpoint.disabled_at, endpoint.failing_since, endpoint.created_at,
               endpoint.updated_at, endpoint.removed_at);
  bind_settings(query, kEndpointColumnCount + 1, endpoint.settings);
  EXPOSEE_TRY(query.run());
  return put_patterns(db, endpoint);
}

Result<void> put_hold_row(Database& db, const Hold& hold) {
  return db.query("INSERT OR REPLACE INTO endpoint_hold VALUES (?1, ?2)", hold.endpoint, hold.until).run();
}

Result<void> put_failing_row(Database& db, const FailingDaysRow& row) {
  return db
      .query("INSERT OR REPLACE INTO endpoint_failing VALUES (?1, ?2, ?3)", row.endpoint, row.note.days,
             row.note.into_day.count())
      .run();
}

Result<void> put_subscription(Database& db, const Subscription& subscription) {
  std::optional<RegistryVersion> until;
  if (subscription.until) until = subscription.until;
  EXPOSEE_TRY(db.query("INSERT OR REPLACE INTO subscription VALUES (?1, ?2, ?3, ?4)", subscription.endpoint,
                       subscription.pattern, subscription.from, until)
                  .run());
  return note_subscription_change(db);
}

}  // namespace exposee::store

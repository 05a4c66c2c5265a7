#include "store/sqlite/rows/delivery_rows.h"

#include <algorithm>

#include "core/assert.h"
#include "store/sqlite/rows/numbers.h"

namespace exposee::store {
namespace {

constexpr int kColumns = 16;
constexpr int kStatusColumn = 2, kDueColumn = 7;  // of EXPOSEE_DELIVERY_COLUMNS
constexpr int kLastHttpStatus = 999;

Result<std::vector<DeliveryRow>> read_all(Query&& query) {
  std::vector<DeliveryRow> rows;
  while (query.step()) rows.push_back(read_delivery(query));
  EXPOSEE_TRY(query.result());
  return rows;
}

}  // namespace

// The last row of a key within one call wins, as it would over several.
DeliveryPutter::DeliveryPutter(Database& db)
    : upsert_(db, "INSERT OR FAIL INTO delivery VALUES", kColumns, BulkInsert::Rows::whole,
              "ON CONFLICT (event, endpoint) DO UPDATE SET status = excluded.status, attempts = "
              "excluded.attempts,"
              " round_start = excluded.round_start, manual = excluded.manual, once = excluded.once,"
              " due = excluded.due, cause = excluded.cause, http_status = excluded.http_status,"
              " updated_at = excluded.updated_at, by_hand = excluded.by_hand, asked = excluded.asked,"
              " resumes_at = excluded.resumes_at, not_before = excluded.not_before,"
              " brought_forward = excluded.brought_forward") {}

Result<void> DeliveryPutter::put(std::span<const DeliveryRow> rows) {
  return upsert_.insert(rows.size(), [&](RowBinder binder, std::size_t i) {
    const auto& row = rows[i];
    EXPOSEE_ASSERT(row.status != DeliveryStatus::in_flight, "in_flight is never stored");
    EXPOSEE_ASSERT(row.due.has_value() == (row.status == DeliveryStatus::pending),
                   "due exactly when pending");
    EXPOSEE_ASSERT(!row.asked || row.status == DeliveryStatus::pending, "only what is pending is asked for");
    binder.value(row.key.event).value(row.key.endpoint).value(row.status).value(row.attempts);
    binder.value(row.round_start).value(row.manual).value(row.once).value(row.due);
    binder.value(row.cause).value(row.http_status).value(row.updated_at);
    binder.value(row.by_hand).value(row.asked).value(row.resumes_at).value(row.not_before);
    binder.value(row.brought_forward);
  });
}

namespace {

// What the columns contradict each other in is decided for what can still be delivered: a time to try again
// says that it is pending, and a pending row without one is due.
void make_sound(DeliveryRow& row, const Query& query) {
  if (query.has_fault() && row.due) row.status = DeliveryStatus::pending;
  if (row.status == DeliveryStatus::in_flight) {
    query.fault(kStatusColumn);
    row.status = DeliveryStatus::pending;
  }
  if (row.status == DeliveryStatus::pending && !row.due) {
    query.fault(kDueColumn);
    row.due = row.updated_at;
  }
  if (row.status != DeliveryStatus::pending) {
    row.due.reset();
    row.asked = false;
  }
  row.round_start = std::min(row.round_start, row.attempts);
}

}  // namespace

DeliveryRow read_delivery(const Query& query) {
  DeliveryRow row;
  row.key = {query.number<EventSeq>(0), query.number<EndpointNumber>(1)};
  row.status = query.one_of(kStatusColumn, kLastDeliveryStatus);
  row.attempts = query.as<std::uint32_t>(3);
  row.round_start = query.as<std::uint32_t>(4);
  row.manual = query.flag(5);
  row.once = query.flag(6);
  row.due = query.maybe_instant(kDueColumn);
  row.cause = query.one_of(8, kLastCause);
  row.http_status = static_cast<std::uint16_t>(query.integer(9, 0, kLastHttpStatus));
  row.updated_at = query.instant(10);
  row.by_hand = query.as<std::uint32_t>(11);
  row.asked = query.flag(12);
  row.resumes_at = query.maybe_instant(13);
  row.not_before = query.maybe_instant(14);
  row.brought_forward = query.flag(15);
  make_sound(row, query);
  query.tell_fault("delivery", "the rest of the row is gone by", row.key.event.value, row.key.endpoint.value);
  return row;
}

Result<std::optional<DeliveryRow>> find_delivery_row(Database& db, const DeliveryKey& key) {
  auto query =
      db.query("SELECT " EXPOSEE_DELIVERY_COLUMNS " FROM delivery WHERE event = ?1 AND endpoint = ?2",
               key.event, key.endpoint);
  std::optional<DeliveryRow> row;
  if (query.step()) row = read_delivery(query);
  EXPOSEE_TRY(query.result());
  return row;
}

Result<std::vector<DeliveryRow>> pending_rows(Database& db, EndpointNumber endpoint, Instant after_due,
                                              EventSeq after_event, std::uint32_t limit) {
  return read_all(db.query("SELECT " EXPOSEE_DELIVERY_COLUMNS " FROM delivery"
                           " WHERE status = 0 AND endpoint = ?1 AND (due, event) > (?2, ?3) AND asked = 0"
                           " ORDER BY due, event LIMIT ?4",
                           endpoint, after_due, after_event, limit));
}

// The index does not hold the status: one that is older than its table may lead to a row that has ended.
Result<std::vector<DeliveryRow>> asked_rows(Database& db, EndpointNumber endpoint, Instant after_due,
                                            EventSeq after_event, std::uint32_t limit) {
  return read_all(db.query("SELECT " EXPOSEE_DELIVERY_COLUMNS " FROM delivery INDEXED BY delivery_asked"
                           " WHERE asked = 1 AND endpoint = ?1 AND (due, event) > (?2, ?3) AND status NOT IN (2, 3, 4)"
                           " ORDER BY due, event LIMIT ?4",
                           endpoint, after_due, after_event, limit));
}

Result<std::uint64_t> cancel_pending_rows(Database& db, EndpointNumber endpoint, std::uint64_t limit,
                                          Instant now) {
  auto query = db.query(
      "UPDATE delivery SET status = CASE once WHEN 1 THEN 2 ELSE 4 END, once = 0, due = NULL, asked = 0,"
      " resumes_at = NULL, not_before = NULL, updated_at = ?3"
      " WHERE endpoint = ?1 AND status = 0 AND event IN (SELECT event FROM delivery"
      "  WHERE status = 0 AND endpoint = ?1 ORDER BY due, event LIMIT ?2)",
      endpoint, limit, now);
  EXPOSEE_TRY(query.run());
  return db.changes();
}

namespace {

using Lanes = std::vector<StartState::LanePending>;

// Nothing: a page of theirs cannot be read.
Result<std::optional<Lanes>> if_readable(Query& query, Lanes&& lanes) {
  if (query.is_unreadable()) return std::optional<Lanes>{};
  EXPOSEE_TRY(query.result());
  return std::optional(std::move(lanes));
}

Result<std::optional<Lanes>> count_lanes(Database& db) {
  auto query = db.query(
      "SELECT endpoint, count(*), min(due) FROM delivery WHERE status = 0"
      " GROUP BY endpoint ORDER BY endpoint");
  Lanes lanes;
  while (query.step()) {
    lanes.push_back({query.number<EndpointNumber>(0), query.as<std::uint64_t>(1), query.instant(2)});
    if (query.has_fault()) lanes.pop_back();  // read_delivery() tells it where the rows are shown
  }
  return if_readable(query, std::move(lanes));
}

// How many wait is not known: they are looked for from now on, until they can be read.
void add_unread(Database& db, EndpointNumber endpoint, Lanes& lanes) {
  db.tell({"delivery", "of endpoint " + std::to_string(endpoint.value),
           "what waits for it cannot be counted; it is looked for again and again"});
  lanes.push_back({endpoint, 1, {}, 1});
}

Result<void> count_lane(Database& db, EndpointNumber endpoint, Lanes& lanes) {
  auto query = db.query("SELECT count(*), min(due) FROM delivery WHERE status = 0 AND endpoint = ?1", endpoint);
  const bool any = query.step() && query.integer(0) > 0;
  if (any) lanes.push_back({endpoint, query.as<std::uint64_t>(0), query.instant(1)});
  if (query.is_unreadable()) return add_unread(db, endpoint, lanes), Result<void>{};
  return query.result();
}

// What stands on pages that can be read is counted, whatever is wrong with those of other endpoints.
Result<Lanes> count_each_lane(Database& db) {
  auto endpoints =
      all_numbers<EndpointNumber>(db.query("SELECT number FROM endpoint WHERE number > 0 ORDER BY number"));
  if (!endpoints) return std::move(endpoints).error();
  Lanes lanes;
  for (const auto endpoint : *endpoints) EXPOSEE_TRY(count_lane(db, endpoint, lanes));
  return lanes;
}

// Where it cannot be read, each is asked whether anything was.
Result<void> count_asked(Database& db, Lanes& lanes) {
  auto query = db.query(
      "SELECT endpoint, count(*) FROM delivery INDEXED BY delivery_asked WHERE asked = 1"
      " GROUP BY endpoint ORDER BY endpoint");
  while (query.step()) {
    const auto lane = std::ranges::lower_bound(lanes, query.number<EndpointNumber>(0), {},
                                               &StartState::LanePending::endpoint);
    if (lane != lanes.end()) lane->asked = query.as<std::uint64_t>(1);
  }
  if (!query.is_unreadable()) return query.result();
  for (auto& lane : lanes) lane.asked = std::max<std::uint64_t>(lane.asked, 1);
  return {};
}

}  // namespace

Result<std::vector<StartState::LanePending>> count_pending(Database& db) {
  auto counted = count_lanes(db);
  if (!counted) return std::move(counted).error();
  auto lanes = *counted ? Result<Lanes>(**std::move(counted)) : count_each_lane(db);
  if (lanes) EXPOSEE_TRY(count_asked(db, *lanes));
  return lanes;
}

// In order of their time they are taken up: those without a readable one are due now, before the order is
// read.
Result<void> mend_due_times(Database& db) {
  auto query = db.query(
      "SELECT event, endpoint FROM delivery INDEXED BY delivery_due WHERE status = 0"
      " AND (typeof(due) <> 'integer' OR due NOT BETWEEN 0 AND ?1)",
      kLastStoredMicros);
  std::vector<DeliveryKey> keys;
  while (query.step()) keys.push_back({query.number<EventSeq>(0), query.number<EndpointNumber>(1)});
  if (!query.is_unreadable()) EXPOSEE_TRY(query.result());  // else those behind are mended by a later start
  for (const auto& key : keys) {
    db.tell({"delivery", std::to_string(key.event.value) + " " + std::to_string(key.endpoint.value),
             "its column 'due' does not hold what was written there; it is due now"});
    auto mend = db.query("UPDATE delivery SET due = 0 WHERE event = ?1 AND endpoint = ?2 AND status = 0", key.event,
                         key.endpoint);
    mend.step();
    if (!mend.is_unreadable()) EXPOSEE_TRY(mend.result());
  }
  return {};
}

}  // namespace exposee::store

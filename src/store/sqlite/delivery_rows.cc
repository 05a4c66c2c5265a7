#include "store/sqlite/delivery_rows.h"

#include "core/assert.h"

namespace exposee::store {
namespace {

constexpr int kColumns = 11;

}  // namespace

// The last row of a key within one call wins, as it would over several.
DeliveryPutter::DeliveryPutter(Database& db)
    : upsert_(db, "INSERT OR FAIL INTO delivery VALUES", kColumns,
              "ON CONFLICT (event, endpoint) DO UPDATE SET status = excluded.status, attempts = "
              "excluded.attempts,"
              " round_start = excluded.round_start, manual = excluded.manual, once = excluded.once,"
              " due = excluded.due, cause = excluded.cause, http_status = excluded.http_status,"
              " updated_at = excluded.updated_at") {}

Result<void> DeliveryPutter::put(std::span<const DeliveryRow> rows) {
  return upsert_.insert(rows.size(), [&](RowBinder binder, std::size_t i) {
    const auto& row = rows[i];
    EXPOSEE_ASSERT(row.status != DeliveryStatus::in_flight, "in_flight is never stored");
    EXPOSEE_ASSERT(row.due.has_value() == (row.status == DeliveryStatus::pending),
                   "due exactly when pending");
    binder.value(row.key.event).value(row.key.endpoint).value(row.status).value(row.attempts);
    binder.value(row.round_start).value(row.manual).value(row.once).value(row.due);
    binder.value(row.cause).value(row.http_status).value(row.updated_at);
  });
}

DeliveryRow read_delivery(const Query& query) {
  DeliveryRow row;
  row.key = {query.number<EventSeq>(0), query.number<EndpointNumber>(1)};
  row.status = query.as<DeliveryStatus>(2);
  row.attempts = query.as<std::uint16_t>(3);
  row.round_start = query.as<std::uint16_t>(4);
  row.manual = query.flag(5);
  row.once = query.flag(6);
  row.due = query.maybe_instant(7);
  row.cause = query.as<Cause>(8);
  row.http_status = query.as<std::uint16_t>(9);
  row.updated_at = query.instant(10);
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
  auto query = db.query("SELECT " EXPOSEE_DELIVERY_COLUMNS
                        " FROM delivery"
                        " WHERE status = 0 AND endpoint = ?1 AND (due, event) > (?2, ?3)"
                        " ORDER BY due, event LIMIT ?4",
                        endpoint, after_due, after_event, limit);
  std::vector<DeliveryRow> rows;
  while (query.step()) rows.push_back(read_delivery(query));
  EXPOSEE_TRY(query.result());
  return rows;
}

Result<std::uint64_t> cancel_pending_rows(Database& db, EndpointNumber endpoint, std::uint64_t limit,
                                          Instant now) {
  auto query = db.query(
      "UPDATE delivery SET status = 4, due = NULL, updated_at = ?3"
      " WHERE endpoint = ?1 AND status = 0 AND event IN (SELECT event FROM delivery"
      "  WHERE status = 0 AND endpoint = ?1 ORDER BY due, event LIMIT ?2)",
      endpoint, limit, now);
  EXPOSEE_TRY(query.run());
  return db.changes();
}

Result<std::vector<StartState::LanePending>> count_pending(Database& db) {
  auto query = db.query(
      "SELECT endpoint, count(*), min(due) FROM delivery WHERE status = 0"
      " GROUP BY endpoint ORDER BY endpoint");
  std::vector<StartState::LanePending> lanes;
  while (query.step()) {
    lanes.push_back({query.number<EndpointNumber>(0), query.as<std::uint64_t>(1), query.instant(2)});
  }
  EXPOSEE_TRY(query.result());
  return lanes;
}

}  // namespace exposee::store

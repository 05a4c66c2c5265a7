#include "store/sqlite/removed_endpoints.h"

#include "store/sqlite/retention.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {
namespace {

Result<bool> is_true(Query&& query) {
  const bool yes = query.step() && query.flag(0);
  EXPOSEE_TRY(query.result());
  return yes;
}

// The literal `status = 0` makes SQLite see that the partial index holds.
Result<bool> has_waiting(Database& db, EndpointNumber endpoint) {
  return is_true(
      db.query("SELECT EXISTS (SELECT 1 FROM endpoint WHERE number = ?1 AND removed_at IS NULL)"
               " OR EXISTS (SELECT 1 FROM subscription WHERE endpoint = ?1 AND until_version IS NULL)"
               " OR EXISTS (SELECT 1 FROM backlog_pack WHERE endpoint = ?1)"
               " OR EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_due WHERE endpoint = ?1 AND status = 0)",
               endpoint));
}

// Versions never fall from one event to the next: the first one under its first subscription tells. Numbers may be
// missing in between: what is owed stays behind when retention removes what came after it.
Result<bool> has_event(Database& db, EndpointNumber endpoint) {
  auto query = db.query("SELECT min(from_version), max(until_version) FROM subscription WHERE endpoint = ?1", endpoint);
  RegistryVersion from, until;
  if (query.step()) {
    from = query.number<RegistryVersion>(0);
    until = query.number<RegistryVersion>(1);
  }
  EXPOSEE_TRY(query.result());
  if (until <= from) return false;  // it never had any
  auto first = first_under(db, from);
  if (!first) return std::move(first).error();
  return is_true(db.query("SELECT EXISTS (SELECT 1 FROM (SELECT version FROM event WHERE seq >= ?1 ORDER BY seq LIMIT 1)"
                          " WHERE version < ?2)",
                          *first, until));
}

Result<bool> is_kept(Database& db, EndpointNumber endpoint) {
  auto waiting = has_waiting(db, endpoint);
  if (!waiting || *waiting) return waiting;
  return has_event(db, endpoint);
}

Result<void> remove_rows(Database& db, EndpointNumber endpoint) {
  EXPOSEE_TRY(db.query("DELETE FROM endpoint_pattern WHERE endpoint = ?1", endpoint).run());
  EXPOSEE_TRY(db.query("DELETE FROM subscription WHERE endpoint = ?1", endpoint).run());
  EXPOSEE_TRY(db.query("DELETE FROM endpoint_hold WHERE endpoint = ?1", endpoint).run());
  EXPOSEE_TRY(db.query("DELETE FROM endpoint_failing WHERE endpoint = ?1", endpoint).run());
  EXPOSEE_TRY(db.query("DELETE FROM lane_mark WHERE endpoint = ?1", endpoint).run());
  return db.query("DELETE FROM endpoint WHERE number = ?1", endpoint).run();
}

}  // namespace

Result<std::vector<EndpointNumber>> forget_endpoints(Database& db, std::span<const EndpointNumber> endpoints) {
  std::vector<EndpointNumber> gone;
  auto half = half_removed(db);
  if (!half) return std::move(half).error();
  if (*half) return gone;
  for (const auto endpoint : endpoints) {
    auto kept = is_kept(db, endpoint);
    if (!kept) return std::move(kept).error();
    if (*kept) continue;
    EXPOSEE_TRY(remove_rows(db, endpoint));
    gone.push_back(endpoint);
  }
  if (gone.empty()) return gone;
  EXPOSEE_TRY(db.query("UPDATE meta SET subscription_changes = subscription_changes + 1").run());
  return gone;
}

}  // namespace exposee::store

#include "store/sqlite/housekeeping/forgetting.h"

#include <set>

#include "store/sqlite/housekeeping/retention.h"
#include "store/sqlite/rows/event_rows.h"
#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

// Questions for events that one step asks: each is a bisection of the table, some 100 us.
constexpr int kLooks = 32;

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

// Versions never fall from one event to the next. Of the first event that was accepted under this one or a later one;
// numbers may be missing before it: what is owed stays behind when retention removes what came after it. Nothing: there
// is none.
Result<std::optional<RegistryVersion>> next_version_with_event(Database& db, RegistryVersion version) {
  auto first = first_under(db, version, Behind::all_unread);
  if (!first) return std::move(first).error();
  auto query = db.query("SELECT version FROM event WHERE seq >= ?1 ORDER BY seq LIMIT 1", *first);
  std::optional<RegistryVersion> found;
  if (query.step()) found = query.number<RegistryVersion>(0);
  EXPOSEE_TRY(query.result());
  return found;
}

Result<bool> has_event(Database& db, EndpointNumber endpoint) {
  auto query = db.query("SELECT min(from_version), max(until_version) FROM subscription WHERE endpoint = ?1", endpoint);
  RegistryVersion from, until;
  if (query.step()) {
    from = query.number<RegistryVersion>(0);
    until = query.number<RegistryVersion>(1);
  }
  EXPOSEE_TRY(query.result());
  if (until <= from) return false;  // it never had any
  auto version = next_version_with_event(db, from);
  if (!version) return std::move(version).error();
  return *version && **version < until;
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
  return db.query("DELETE FROM endpoint WHERE number = ?1", endpoint).run();
}

// --- subscriptions that have ended ------------------------------------------------------------------------

struct Interval {
  SubscriptionKey key;
  RegistryVersion until;  // zero: open, or not to be read
};

Result<std::vector<Interval>> next_subscriptions(Database& db, const SubscriptionKey& after, std::uint64_t limit) {
  auto query = db.query(
      "SELECT endpoint, pattern, from_version, until_version FROM subscription"
      " WHERE (endpoint, pattern, from_version) > (?1, ?2, ?3) ORDER BY endpoint, pattern, from_version LIMIT ?4",
      after.endpoint, after.pattern, after.from, limit);
  std::vector<Interval> all;
  while (query.step()) {
    all.push_back({{query.number<EndpointNumber>(0), query.text(1), query.number<RegistryVersion>(2)},
                   query.number<RegistryVersion>(3)});
    if (query.has_fault()) all.back().until = {};
  }
  EXPOSEE_TRY(query.result());
  return all;
}

// Under which versions events are there, as far as they were asked for: what is known of one interval tells of others
// that contain it.
class KeptVersions {
 public:
  explicit KeptVersions(Database& db) : db_(db) {}

  bool may_look() const { return looks_ < kLooks; }
  // When an event was accepted that cannot be read is not known: it may be one.
  Result<bool> any_within(RegistryVersion from, RegistryVersion until) {
    if (until <= from) return false;  // what a start has closed that should not have been open
    const auto known = known_.lower_bound(from);
    if (known != known_.end() && *known < until) return true;
    ++looks_;
    auto version = next_version_with_event(db_, from);
    if (!version) return is_of_one_place(version.error()) ? Result<bool>(true) : std::move(version).error();
    if (*version) known_.insert(**version);
    return *version && **version < until;
  }

 private:
  Database& db_;
  std::set<RegistryVersion> known_;
  int looks_ = 0;
};

Result<void> remove_subscription(Database& db, const SubscriptionKey& key) {
  return db
      .query("DELETE FROM subscription WHERE endpoint = ?1 AND pattern = ?2 AND from_version = ?3", key.endpoint,
             key.pattern, key.from)
      .run();
}

}  // namespace

Result<std::vector<EndpointNumber>> forgettable(Database& db, std::span<const EndpointNumber> endpoints) {
  std::vector<EndpointNumber> going;
  auto half = half_removed(db);
  if (!half) return std::move(half).error();
  if (*half) return going;
  for (const auto endpoint : endpoints) {
    auto kept = is_kept(db, endpoint);
    if (!kept) return std::move(kept).error();
    if (!*kept) going.push_back(endpoint);
  }
  return going;
}

Result<void> remove_endpoints(Database& db, LaneMarks& marks, std::span<const EndpointNumber> endpoints) {
  for (const auto endpoint : endpoints) {
    EXPOSEE_TRY(remove_rows(db, endpoint));
    EXPOSEE_TRY(marks.remove(endpoint));
  }
  return db.query("UPDATE meta SET subscription_changes = subscription_changes + 1").run();
}

Result<EndedPlan> plan_forget_ended(Database& db, const SubscriptionKey& after, std::uint64_t limit) {
  EndedPlan plan;
  auto& done = plan.done;
  auto half = half_removed(db);
  if (!half) return std::move(half).error();
  done.some_stay = half->value != 0;
  if (done.some_stay) return plan;
  auto page = next_subscriptions(db, after, limit);
  if (!page) return std::move(page).error();
  KeptVersions events(db);
  for (const auto& [key, until] : *page) {
    if (!events.may_look()) return plan;
    done.next = key;
    if (!until) continue;
    auto kept = events.any_within(key.from, until);
    if (!kept) return std::move(kept).error();
    *kept ? void(done.some_stay = true) : plan.going.push_back(key);
  }
  done.gone = plan.going.size();
  if (page->size() < limit) done.next.reset();
  return plan;
}

// Readers keep what they know of those that go: no event is there of which it could say anything.
Result<void> remove_subscriptions(Database& db, std::span<const SubscriptionKey> keys) {
  for (const auto& key : keys) EXPOSEE_TRY(remove_subscription(db, key));
  return {};
}

}  // namespace exposee::store

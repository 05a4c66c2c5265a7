#include "store/sqlite/rows/registry_mending.h"

#include <string>
#include <vector>

#include "store/sqlite/rows/registry_rows.h"

namespace exposee::store {
namespace {

// Numbers of types and endpoints so far beyond the registry's version are damage (engine/mend.h takes the
// same).
constexpr std::uint64_t kMostNumbersLost = 1'000;

Result<void> add_missing_meta(Database& db) {
  auto query = db.query("SELECT count(*) FROM meta");
  const bool missing = query.step() && query.integer(0) == 0;
  EXPOSEE_TRY(query.result());
  if (!missing) return {};
  db.tell({"meta", "1", "it is missing; what it said is found out anew"});
  return db
      .query(
          "INSERT INTO meta (id, registry_version, last_expired, expiring, subscription_changes)"
          " VALUES (1, 0, 0, 0, 0)")
      .run();
}

// Every type and every endpoint raises the version. ?1: kMostNumbersLost, ?2: kLastVersion.
#define EXPOSEE_LAST_POSSIBLE                                                            \
  "CASE WHEN typeof(registry_version) = 'integer' AND registry_version BETWEEN 0 AND ?2" \
  " THEN registry_version + ?1 ELSE ?2 END"

// What cannot have been given is not believed.
Result<void> mend_last_numbers(Database& db) {
  auto query = db.query(
      "SELECT typeof(last_type) <> 'integer' OR last_type NOT BETWEEN 0 AND " EXPOSEE_LAST_POSSIBLE
      ", typeof(last_endpoint) <> 'integer' OR last_endpoint NOT BETWEEN 0 AND " EXPOSEE_LAST_POSSIBLE
      " FROM meta",
      kMostNumbersLost, kLastVersion);
  const bool found = query.step();
  const bool type = found && query.flag(0), endpoint = found && query.flag(1);
  EXPOSEE_TRY(query.result());
  if (!type && !endpoint) return {};
  db.tell({"meta", "1", "the greatest number that was given cannot be right; it is found out anew"});
  if (type) {
    EXPOSEE_TRY(db.query("UPDATE meta SET last_type = (SELECT coalesce(max(number), 0) FROM event_type"
                         " WHERE number <= " EXPOSEE_LAST_POSSIBLE ")",
                         kMostNumbersLost, kLastVersion)
                    .run());
  }
  if (!endpoint) return {};
  return db
      .query(
          "UPDATE meta SET last_endpoint = (SELECT coalesce(max(number), 0) FROM endpoint"
          " WHERE number <= " EXPOSEE_LAST_POSSIBLE ")",
          kMostNumbersLost, kLastVersion)
      .run();
}

}  // namespace

// Its row is changed and never added, so that it must be there.
Result<void> mend_meta(Database& db) {
  EXPOSEE_TRY(add_missing_meta(db));
  return mend_last_numbers(db);
}

// --- subscriptions --------------------------------------------------------------------------------------

namespace {

// Statements name a subscription by what its columns should hold. Patterns are ASCII.
#define EXPOSEE_NUMBERS_OF_SUBSCRIPTION                                                                      \
  "typeof(endpoint) = 'integer' AND endpoint > 0 AND typeof(from_version) = 'integer' AND from_version >= 0" \
  " AND (until_version IS NULL OR typeof(until_version) = 'integer' AND until_version > 0)"
#define EXPOSEE_PATTERN_OF_SUBSCRIPTION "CAST(pattern AS TEXT) NOT GLOB '*[^ -~]*'"
#define EXPOSEE_UNFOUND_SUBSCRIPTION      \
  "NOT (" EXPOSEE_NUMBERS_OF_SUBSCRIPTION \
  ") OR typeof(pattern) <> 'text' OR NOT " EXPOSEE_PATTERN_OF_SUBSCRIPTION

Result<std::vector<std::string>> unfound_subscriptions(Database& db) {
  auto query =
      db.query("SELECT CAST(endpoint AS TEXT) FROM subscription WHERE " EXPOSEE_UNFOUND_SUBSCRIPTION);
  std::vector<std::string> endpoints;
  while (query.step()) endpoints.push_back(query.text(0));
  EXPOSEE_TRY(query.result());
  return endpoints;
}

}  // namespace

// A pattern that is there as bytes is written as the text that it is; whoever loses a row otherwise gets it
// anew.
Result<void> mend_subscriptions(Database& db) {
  auto endpoints = unfound_subscriptions(db);
  if (!endpoints) return std::move(endpoints).error();
  if (endpoints->empty()) return {};
  for (const auto& endpoint : *endpoints) {
    db.tell({"subscription", endpoint,
             "a column does not hold what was written there; it is replaced or removed"});
  }
  EXPOSEE_TRY(
      db.query("INSERT OR IGNORE INTO subscription SELECT endpoint, CAST(pattern AS TEXT), from_version,"
               " until_version FROM subscription WHERE typeof(pattern) = 'blob'"
               " AND " EXPOSEE_PATTERN_OF_SUBSCRIPTION " AND " EXPOSEE_NUMBERS_OF_SUBSCRIPTION)
          .run());
  EXPOSEE_TRY(db.query("DELETE FROM subscription WHERE " EXPOSEE_UNFOUND_SUBSCRIPTION).run());
  return note_subscription_change(db);
}

}  // namespace exposee::store

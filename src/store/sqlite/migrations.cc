#include "store/sqlite/migrations.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/assert.h"
#include "core/endpoint_settings.h"
#include "store/sqlite/rows/pattern_migration.h"
#include "store/sqlite/rows/setting_rows.h"

namespace exposee::store {
namespace {

// Numbers written into status, cause and the like are those of core/delivery.h. All times are microseconds
// since 1970, in UTC. A NULL in a column that may be NULL means zero, empty or none.
constexpr std::string_view kFirstSchema = R"sql(
-- One row: what there is one of.
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  registry_version INTEGER NOT NULL,
  checkpoint INTEGER NOT NULL,            -- low water of every lane without a row in lane_mark
  last_expired INTEGER NOT NULL,          -- highest event that retention removed: no number comes back
  expiring INTEGER NOT NULL,              -- a removed event whose attempts are still being removed; 0: none
  subscription_changes INTEGER NOT NULL   -- raised by every change of subscription: readers cache the table
) STRICT;
INSERT INTO meta VALUES (1, 0, 0, 0, 0, 0);

CREATE TABLE event_type (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE endpoint (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  secret TEXT NOT NULL,
  timeout_ms INTEGER,                     -- NULL: the server's default
  schedule_ms TEXT,                       -- waits divided by spaces; NULL: the server's default
  max_in_flight INTEGER NOT NULL,         -- 0: the server's default
  rate_per_second INTEGER NOT NULL,       -- 0: no limit
  ordered INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  disabled_reason TEXT NOT NULL,
  disabled_at INTEGER,
  failing_since INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;

CREATE TABLE endpoint_pattern (
  endpoint INTEGER NOT NULL,
  position INTEGER NOT NULL,
  pattern TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (endpoint, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription (
  type INTEGER NOT NULL,
  endpoint INTEGER NOT NULL,
  from_version INTEGER NOT NULL,
  until_version INTEGER,                  -- NULL: open
  PRIMARY KEY (type, endpoint, from_version)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_of_endpoint ON subscription (endpoint);

-- Append-only, in commit order. No index on id: ids are UUIDv7 of accepted_at, which does not fall from one
-- event to the next, so both are found by bisection of seq (measured: an index costs 0.6 us of every event).
CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  type INTEGER NOT NULL,
  version INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

-- The events at which the clock had been set back: accepted_at ascends between two of them.
CREATE TABLE clock_step (
  seq INTEGER PRIMARY KEY
) STRICT;

-- Append-only, one row an outcome; from the second schema on without those in `success`.
CREATE TABLE attempt (
  event INTEGER NOT NULL,
  endpoint INTEGER NOT NULL,
  number INTEGER NOT NULL,
  succeeded INTEGER,
  status INTEGER,                         -- of HTTP; NULL: no answer's head was read
  started_at INTEGER NOT NULL,
  total_us INTEGER,
  first_byte_us INTEGER,
  reused INTEGER,
  dns_us INTEGER,
  connect_us INTEGER,
  tls_us INTEGER,
  cause INTEGER,
  detail TEXT,
  reason TEXT,
  retry_after TEXT,
  webhook_delivery TEXT,
  content_type TEXT,
  remote_address TEXT,
  body BLOB,
  PRIMARY KEY (event, endpoint, number)
) STRICT, WITHOUT ROWID;

-- Only deliveries that deviate from "the first attempt succeeds" (ports/store.h).
CREATE TABLE delivery (
  event INTEGER NOT NULL,
  endpoint INTEGER NOT NULL,
  status INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  round_start INTEGER NOT NULL,
  manual INTEGER NOT NULL,
  once INTEGER NOT NULL,
  due INTEGER,                            -- exactly when status = 0 (pending)
  cause INTEGER NOT NULL,
  http_status INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (event, endpoint)
) STRICT, WITHOUT ROWID;
-- With status, or SQLite would read every row to count them (a million: 0.5 s).
CREATE INDEX delivery_due ON delivery (endpoint, due, event, status) WHERE status = 0;
-- Without those that succeeded after all, which are many and found by walking events.
CREATE INDEX delivery_of_status ON delivery (status, event) WHERE status <> 2;

CREATE TABLE lane_mark (
  endpoint INTEGER PRIMARY KEY,
  low_water INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  registered_at INTEGER NOT NULL
) STRICT;

CREATE TABLE message (
  number INTEGER PRIMARY KEY,
  sender TEXT NOT NULL,
  recipient TEXT NOT NULL,
  recipient_key TEXT NOT NULL,
  subject TEXT NOT NULL,
  message TEXT NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX message_to ON message (recipient_key);

CREATE TABLE answer (
  number INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  fingerprint BLOB NOT NULL,
  status INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  body BLOB NOT NULL,
  stored_at INTEGER NOT NULL
) STRICT;
CREATE INDEX answer_by_age ON answer (stored_at);
)sql";

// First attempts that succeeded, many to a row, instead of a row of `attempt` each (success_pack.h). Those
// that have rows there keep them: what is read looks at both.
constexpr std::string_view kPackedSuccesses = R"sql(
CREATE TABLE success (
  number INTEGER PRIMARY KEY,
  events INTEGER NOT NULL,                -- event >> 6
  endpoints INTEGER NOT NULL,             -- endpoint >> 6
  pack BLOB NOT NULL
) STRICT;
CREATE INDEX success_of_place ON success (events, endpoints);
)sql";

constexpr std::string_view kFileState = R"sql(
-- One row: how the file was left (file_state.h).
CREATE TABLE file_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  in_use INTEGER NOT NULL,   -- 1: the log beside the file belongs to it; 0: the file is whole without one
  backup_at INTEGER,         -- when this copy was made; NULL: it is no copy, or was started since
  backup_pending INTEGER     -- deliveries that were owed then
) STRICT;
INSERT INTO file_state VALUES (1, 0, NULL, NULL);
)sql";

// Attempts by hand are counted apart from the schedule's and start at once; a receiver's Retry-After holds
// its endpoint.
constexpr std::string_view kByHandAndHolds = R"sql(
ALTER TABLE delivery ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;   -- attempts asked for by hand
ALTER TABLE delivery ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;     -- the next one is; only when pending
ALTER TABLE delivery ADD COLUMN resumes_at INTEGER;   -- when the schedule goes on after an attempt by hand
ALTER TABLE delivery ADD COLUMN not_before INTEGER;   -- the receiver's Retry-After
ALTER TABLE delivery ADD COLUMN brought_forward INTEGER NOT NULL DEFAULT 0;
CREATE INDEX delivery_asked ON delivery (endpoint, due, event) WHERE asked = 1;

CREATE TABLE endpoint_hold (
  endpoint INTEGER PRIMARY KEY,
  until INTEGER NOT NULL,
  in_all_us INTEGER NOT NULL              -- held since every attempt has failed
) STRICT;
)sql";

constexpr std::string_view kRemovedTypes = R"sql(
ALTER TABLE event_type ADD COLUMN removed_at INTEGER;   -- NULL: declared; else kept for its events and its name
)sql";

// What is kept under an Idempotency-Key is a reply; "answer" was the word for a receiver's response, too.
constexpr std::string_view kStoredReplies = R"sql(
ALTER TABLE answer RENAME TO stored_reply;
DROP INDEX answer_by_age;
CREATE INDEX stored_reply_by_age ON stored_reply (stored_at);
)sql";

// Damage is noticed before anything is sent: also what no checksum of a page can, for it was written wrongly.
constexpr std::string_view kEventChecksums = R"sql(
ALTER TABLE event ADD COLUMN checksum INTEGER;   -- of all the others (rows/event_rows.cc); NULL: not known
)sql";

// What an endpoint that lags is owed, as numbers of events (core/event_pack.h): a delivery takes a byte or two.
// All of a pack lie in the 4096 events of one block, and a row fits into a quarter of a page.
constexpr std::string_view kBacklogPacks = R"sql(
CREATE TABLE backlog_pack (
  endpoint INTEGER NOT NULL,
  first_event INTEGER NOT NULL,
  last_event INTEGER NOT NULL,
  count INTEGER NOT NULL,
  numbers BLOB NOT NULL,                  -- distances, 7 bits a byte
  PRIMARY KEY (endpoint, first_event)
) STRICT, WITHOUT ROWID;
CREATE INDEX backlog_pack_of_events ON backlog_pack (first_event);
)sql";

// The last turn that each node has written: a write whose end is unknown is looked for here.
constexpr std::string_view kTurnMarker = R"sql(
CREATE TABLE turn_marker (
  node INTEGER PRIMARY KEY,
  turn INTEGER NOT NULL
) STRICT;
)sql";

// For how long an endpoint fails is counted in days of running with a failure in each; time on the wall counted
// what nobody could try.
constexpr std::string_view kFailingDays = R"sql(
ALTER TABLE endpoint_hold DROP COLUMN in_all_us;
CREATE TABLE endpoint_failing (
  endpoint INTEGER PRIMARY KEY,
  days INTEGER NOT NULL,                  -- that are over
  into_day_us INTEGER NOT NULL            -- of running, of the one that is not
) STRICT;
)sql";

// Nodes share the endpoints by shards (core/shard.h), and each notes how far it is with its own. A node that begins
// anew raises its epoch, which refuses what it wrote before.
constexpr std::string_view kShardMarks = R"sql(
CREATE TABLE shard_mark (
  shard INTEGER PRIMARY KEY,              -- 0 to 63
  low_water INTEGER NOT NULL              -- of every lane of the shard without a row in lane_mark
) STRICT;
WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 63)
INSERT INTO shard_mark
  SELECT n, coalesce((SELECT checkpoint FROM meta WHERE typeof(checkpoint) = 'integer'), 0) FROM number;
ALTER TABLE meta DROP COLUMN checkpoint;
CREATE TABLE node (
  id INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL
) STRICT;
)sql";

// Endpoints are subscribed by patterns; a row for each type that matches grew with types times endpoints.
constexpr std::string_view kSubscriptionsByPattern = R"sql(
ALTER TABLE subscription RENAME TO subscription_by_type;
CREATE TABLE subscription (
  endpoint INTEGER NOT NULL,
  pattern TEXT NOT NULL,
  from_version INTEGER NOT NULL,
  until_version INTEGER,                  -- NULL: open
  PRIMARY KEY (endpoint, pattern, from_version)
) STRICT, WITHOUT ROWID;
)sql";

// Numbers are given once, also when the row that had the greatest is lost.
constexpr std::string_view kLastNumbers = R"sql(
ALTER TABLE meta ADD COLUMN last_type INTEGER NOT NULL DEFAULT 0;
ALTER TABLE meta ADD COLUMN last_endpoint INTEGER NOT NULL DEFAULT 0;
UPDATE meta SET last_type = coalesce((SELECT max(number) FROM event_type), 0),
  last_endpoint = coalesce((SELECT max(number) FROM endpoint), 0);
ALTER TABLE turn_marker ADD COLUMN last_event INTEGER NOT NULL DEFAULT 0;   -- of all turns up to this; 0: not known
)sql";

struct Step {
  std::uint32_t schema;  // that it leads to
  std::string sql;
  Result<void> (*then)(Database& db) = nullptr;
};

// Those written by hand, and one for every setting of an endpoint that came after the first schema.
std::vector<Step> all_steps() {
  std::vector<Step> steps{{1, std::string(kFirstSchema)},
                          {2, std::string(kPackedSuccesses)},
                          {3, std::string(kFileState)},
                          {4, std::string(kByHandAndHolds)},
                          {6, std::string(kRemovedTypes)},
                          {8, std::string(kStoredReplies)},
                          {9, std::string(kEventChecksums)},
                          {10, std::string(kBacklogPacks)},
                          {11, std::string(kTurnMarker)},
                          {12, std::string(kFailingDays)},
                          {14, std::string(kShardMarks)},
                          {15, std::string(kSubscriptionsByPattern), subscribe_by_pattern},
                          {16, std::string(kLastNumbers)}};
  for (const auto& setting : endpoint_settings()) {
    if (setting.schema > 1) steps.push_back({setting.schema, added_column(setting)});
  }
  std::ranges::sort(steps, {}, &Step::schema);
  for (std::size_t i = 0; i < steps.size(); ++i)
    EXPOSEE_ASSERT(steps[i].schema == i + 1, "every schema has one step that leads to it");
  return steps;
}

Result<std::int64_t> read_number(Database& db, std::string_view sql) {
  auto query = db.prepared(db.prepare(sql));
  const std::int64_t value = query.step() ? query.integer(0) : 0;
  EXPOSEE_TRY(query.result());
  return value;
}

Result<void> check_owner(Database& db, std::int64_t version) {
  auto owner = read_number(db, "PRAGMA application_id");
  if (!owner) return std::move(owner).error();
  auto tables = read_number(db, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return std::move(tables).error();
  const bool fresh = *owner == 0 && version == 0 && *tables == 0;
  if (fresh || *owner == kApplicationId) return {};
  return Error{ErrorCode::invalid, "The data file in the data directory belongs to another program.",
               "Choose another data directory."};
}

Error too_new(std::int64_t version, std::size_t known) {
  return {ErrorCode::newer_schema,
          "The data was written by a newer version of Exposee: its schema is " + std::to_string(version) +
              ", and this version knows up to " + std::to_string(known) + ".",
          "Start the newer version, or restore a backup made before the upgrade."};
}

Result<void> carry_out(Database& db, const Migration& step, std::size_t version) {
  EXPOSEE_TRY(db.execute(std::string(step.sql)));
  if (step.then) EXPOSEE_TRY(step.then(db));
  EXPOSEE_TRY(db.execute("PRAGMA application_id = " + std::to_string(kApplicationId)));
  EXPOSEE_TRY(db.execute("PRAGMA user_version = " + std::to_string(version)));
  return db.execute("COMMIT");
}

}  // namespace

std::span<const Migration> migrations() {
  static const auto steps = all_steps();
  static const auto all = [] {
    std::vector<Migration> views;
    for (const auto& step : steps) views.push_back({step.sql, step.then});
    return views;
  }();
  return all;
}

Result<void> check_schema(Database& db) {
  auto version = read_number(db, "PRAGMA user_version");
  if (!version) return std::move(version).error();
  EXPOSEE_TRY(check_owner(db, *version));
  const auto known = static_cast<std::int64_t>(migrations().size());
  if (*version > known) return too_new(*version, migrations().size());
  if (*version == known) return {};
  return Error{ErrorCode::invalid,
               "The data was written by an older version of Exposee: its schema is " +
                   std::to_string(*version) + ", and this version's is " + std::to_string(known) + ".",
               "Use that version for it, or start this one on it first."};
}

Result<void> migrate(Database& db, std::span<const Migration> steps) {
  auto version = read_number(db, "PRAGMA user_version");
  if (!version) return std::move(version).error();
  EXPOSEE_TRY(check_owner(db, *version));
  if (*version > static_cast<std::int64_t>(steps.size())) return too_new(*version, steps.size());
  for (auto next = static_cast<std::size_t>(*version); next < steps.size(); ++next) {
    EXPOSEE_TRY(db.execute("BEGIN IMMEDIATE"));
    auto done = carry_out(db, steps[next], next + 1);
    if (done) continue;
    if (db.in_transaction()) (void)db.execute("ROLLBACK");
    return done;
  }
  return {};
}

}  // namespace exposee::store

// A copy of the data that a server may go on from, taken while another one uses it: SQLite's own backup, one
// consistent moment, checked before it gets its name. And the way to accept a copy that was made otherwise.
// Called by commands of the CLI, in a process of their own; opens connections of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace exposee::store {

struct BackupReport {
  std::uint64_t bytes = 0;
  std::size_t schema = 0;
  std::uint64_t events = 0;
  std::uint64_t endpoints = 0;  // not removed
  std::uint64_t pending = 0;    // deliveries that are owed
};

// From one data directory into another, which is made and must hold no data yet. On disk when this returns;
// when it fails, nothing is left that looks like data. Errors: not_found (no data there), conflict (data
// there), newer_schema, invalid (another program's, an older version's), locked, full,
// unavailable, internal (damaged).
Result<BackupReport> back_up(const std::string& from, const std::string& to, Instant now);

enum class PendingOfBackup : std::uint8_t { send, cancel };

struct SettledBackup {
  Instant taken_at;
  std::uint64_t pending = 0;  // deliveries that were owed, and are still or are cancelled
};

// Says what becomes of the deliveries that a backup owes, so that it can be served. What is cancelled is so
// with Cause::backup, in one transaction with the note that it was decided. Errors: not_found (no data
// there), conflict (not a backup, or decided on already), locked, and as above.
Result<SettledBackup> settle_backup(const std::string& directory, PendingOfBackup choice, Instant now);

struct AcceptedData {
  std::vector<std::uint64_t> pages;  // whose checksums were wrong, counted from 1
  std::string log_lost;              // a sentence; empty: nothing of the log is lost
};

// From now on the data counts as whole: without a log that is lost, without what stands behind the place where the log is
// damaged, and with pages as they are although their checksums are wrong; says what of this it was. Errors:
// not_found (no data, or a log of other data), locked, undecided, and as above.
Result<AcceptedData> accept_data(const std::string& directory);

}  // namespace exposee::store

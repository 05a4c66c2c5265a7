// The shape of the data file and how an older one becomes today's: a numbered list of steps, each carried out
// once, in a transaction of its own. PRAGMA user_version says how many have been. Released steps are never
// edited; a change of the schema is a new step at the end: written here, or made from the row of an
// endpoint's setting (core/endpoint_settings.cc), which names the schema that it leads to. Called by the
// store when it opens; its thread.
#pragma once

#include <span>
#include <string_view>

#include "store/sqlite/database.h"

namespace exposee::store {

// Marks the file as Exposee's own (PRAGMA application_id): "Expo".
constexpr std::int32_t kApplicationId = 0x4578706F;

struct Migration {
  std::string_view sql;
  Result<void> (*then)(Database& db) = nullptr;  // what SQL alone does not say, after it; null: nothing
};
// Every step, in order; step n leads to schema version n, counted from 1.
std::span<const Migration> migrations();

// Carries out what is missing. Errors: newer_schema (the file was written by a later Exposee), invalid
// (another program's file), and those of every write. A step that fails leaves the file as it was before that
// step.
Result<void> migrate(Database& db, std::span<const Migration> steps = migrations());

// Whether the file is Exposee's and its schema today's. Errors: newer_schema, invalid.
Result<void> check_schema(Database& db);

}  // namespace exposee::store

// The registry's tables: event types, endpoints with their patterns, subscriptions, and the one row of meta.
// Part of the writer's connection; its thread.
#pragma once

#include <span>

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace exposee::store {

// Everything of StartState.
Result<StartState> load_start_state(Database& db);

// No version is above it: there is one for every change of the registry.
inline constexpr std::uint64_t kLastVersion = std::uint64_t{1} << 48;

// Whoever keeps subscriptions in memory reads them anew.
Result<void> note_subscription_change(Database& db);

Result<RegistryVersion> read_registry_version(Database& db);
Result<void> put_registry_version(Database& db, RegistryVersion version);
// The greatest that were given until now.
Result<void> put_last_numbers(Database& db, TypeNumber type, EndpointNumber endpoint);
Result<void> put_type(Database& db, const EventType& type);
Result<void> put_endpoint_row(Database& db, const Endpoint& endpoint);
Result<void> put_hold_row(Database& db, const Hold& hold);
Result<void> put_failing_row(Database& db, const FailingDaysRow& row);
// Insert or replace by (endpoint, pattern, from).
Result<void> put_subscription(Database& db, const Subscription& subscription);

}  // namespace exposee::store

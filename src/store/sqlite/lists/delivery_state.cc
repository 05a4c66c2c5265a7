#include "store/sqlite/lists/delivery_state.h"

#include "core/event_type.h"
#include "store/sqlite/rows/delivery_rows.h"

namespace exposee::store {
namespace {

Result<Cover> find_cover(Database& db, TypeNames& names, const EventHead& event, EndpointNumber endpoint) {
  auto name = names.name(event.type);
  if (!name) return std::move(name).error();
  Cover cover = Cover::none;
  for (const auto& pattern : covering(*name)) {
    auto query = db.query(
        "SELECT until_version IS NULL FROM subscription WHERE endpoint = ?1 AND pattern = ?2"
        " AND from_version <= ?3 AND (until_version IS NULL OR until_version > ?3)",
        endpoint, pattern, event.version);
    while (cover != Cover::open && query.step()) cover = query.flag(0) ? Cover::open : Cover::closed;
    EXPOSEE_TRY(query.result());
  }
  return cover;
}

}  // namespace

DeliveryRow as_it_counts(DeliveryRow row, Cover cover) {
  if (row.status == DeliveryStatus::pending && !row.manual && cover != Cover::open) {
    row.status = DeliveryStatus::cancelled;
    row.due.reset();
  }
  return row;
}

DeliveryRow derive(const DeliveryKey& key, Cover cover, Instant accepted_at, const AttemptSummary& attempts) {
  DeliveryRow row;
  row.key = key;
  row.attempts = attempts.count;
  row.http_status = static_cast<std::uint16_t>(attempts.last_status);
  row.updated_at = attempts.count ? attempts.last_ended_at : accepted_at;
  if (attempts.succeeded) {
    row.status = DeliveryStatus::succeeded;
  } else if (cover == Cover::open) {
    row.status = DeliveryStatus::pending;
    row.due = accepted_at;
  } else {
    row.status = DeliveryStatus::cancelled;
  }
  return row;
}

Result<std::optional<DeliveryState>> find_state(Database& db, TypeNames& names, const DeliveryKey& key) {
  using Found = std::optional<DeliveryState>;
  auto event = find_head(db, key.event);
  if (!event) return std::move(event).error();
  if (!*event) return Found{};
  auto cover = find_cover(db, names, **event, key.endpoint);
  if (!cover) return std::move(cover).error();
  auto row = find_delivery_row(db, key);
  if (!row) return std::move(row).error();
  if (!*row && *cover == Cover::none) return Found{};
  SuccessIndex successes(db);
  auto attempts = summarize_attempts(db, successes, key);
  if (!attempts) return std::move(attempts).error();
  const auto state =
      *row ? as_it_counts(**row, *cover) : derive(key, *cover, (*event)->accepted_at, *attempts);
  return Found{{state, **event, *attempts}};
}

}  // namespace exposee::store

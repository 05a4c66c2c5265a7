// What an endpoint is owed no more leaves its packs, and its pending rows end: see Store::sift and
// end_unowed. All is looked for before the transaction that writes it: SQLite writes nothing more in one that has met
// damage. Part of the writer's connection; its thread.
#pragma once

#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/rows/delivery_rows.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

struct SiftPlan {
  SiftedPack sifted;
  bool changes = false;
};
Result<std::vector<SiftPlan>> plan_sift(Database& db, TypeNames& names, EndpointNumber endpoint,
                                        std::span<const PackStretch> packs);
Result<std::vector<SiftedPack>> sift_packs(Database& db, EndpointNumber endpoint, std::vector<SiftPlan>&& plans);

// Of the rows that it may look at.
struct UnowedRows {
  EndpointNumber endpoint;
  std::pair<Instant, EventSeq> after;
  std::span<const EventSeq> under_way;
  std::uint32_t limit = 0;
};
struct EndPlan {
  EndedRows done;
  std::vector<DeliveryRow> rows;  // to be put
};
Result<EndPlan> plan_end_unowed(Database& db, TypeNames& names, const UnowedRows& which, Instant now);

}  // namespace exposee::store

// What an endpoint is owed no more leaves its packs, and its pending rows end: see Store::sift and
// end_unowed. Part of the writer's connection; its thread.
#pragma once

#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/rows/delivery_rows.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

Result<std::vector<SiftedPack>> sift_packs(Database& db, TypeNames& names, EndpointNumber endpoint,
                                           std::span<const PackStretch> packs);
// Of the rows that it may look at.
struct UnowedRows {
  EndpointNumber endpoint;
  std::pair<Instant, EventSeq> after;
  std::span<const EventSeq> under_way;
  std::uint32_t limit = 0;
};
Result<EndedRows> end_unowed_rows(Database& db, TypeNames& names, DeliveryPutter& putter,
                                  const UnowedRows& which, Instant now);

}  // namespace exposee::store

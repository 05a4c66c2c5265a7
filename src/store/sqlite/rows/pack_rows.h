// The packs of events that wait for endpoints which lag (ports/store.h). Part of one connection; its thread.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace exposee::store {

Result<void> put_pack_rows(Database& db, std::span<const BacklogPack> packs);
Result<void> remove_pack_rows(Database& db, std::span<const PackKey> packs);
// In order of key. None goes on behind `last_event`.
Result<std::vector<StartState::Pack>> all_packs(Database& db, EventSeq last_event);
// When it is not there or cannot be read: every event that there is from its first to `last`.
// Damage is told here; whether one that is missing should be there, the caller knows.
Result<PackNumbers> numbers_of_pack(Database& db, const PackKey& key, EventSeq last);
// See StartState::cut_off.
Result<std::vector<EndpointNumber>> cut_off_endpoints(Database& db);

// Appends those that come after the given one in order of (first event, endpoint), within its block, so many
// at most; how many.
Result<std::size_t> next_packs(Database& db, PackKey after, std::size_t most, std::vector<PackKey>& packs);

// A pack of one block, as it is found.
struct FoundPack {
  PackKey key;
  EventSeq last;
};
// Those of the block in which `event` is, `most` of them: of one endpoint, or of all when it is zero.
Result<std::vector<FoundPack>> packs_of_block(Database& db, EventSeq event, EndpointNumber endpoint,
                                              std::size_t most);
// The last first event of a pack up to `event`; zero: there is none.
Result<EventSeq> last_packed(Database& db, EventSeq event, EndpointNumber endpoint);

}  // namespace exposee::store

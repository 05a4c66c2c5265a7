#include "store/sqlite/unsubscribed.h"

#include <algorithm>

#include "store/sqlite/lists/owed.h"
#include "store/sqlite/rows/pack_rows.h"

namespace exposee::store {
namespace {

Result<SiftedPack> sift_pack(Database& db, EndpointNumber endpoint, const PackStretch& pack) {
  const PackKey key{endpoint, pack.first};
  auto numbers = numbers_of_pack(db, key, pack.last);
  if (!numbers) return std::move(numbers).error();
  auto still = still_owed(db, endpoint, numbers->events);
  if (!still) return std::move(still).error();
  SiftedPack sifted{.was = pack.first, .unowed = still->unowed};
  for (const auto event : still->events) sifted.left.add(event);
  const bool whole = !numbers->missing && still->events.size() == numbers->events.size();
  if (whole && !sifted.left.empty() && sifted.left.first() == pack.first) return sifted;
  EXPOSEE_TRY(remove_pack_rows(db, {&key, 1}));
  const BacklogPack left{endpoint, sifted.left};
  if (!sifted.left.empty()) EXPOSEE_TRY(put_pack_rows(db, {&left, 1}));
  return sifted;
}

}  // namespace

Result<std::vector<SiftedPack>> sift_packs(Database& db, EndpointNumber endpoint,
                                           std::span<const PackStretch> packs) {
  std::vector<SiftedPack> all;
  for (const auto& pack : packs) {
    auto sifted = sift_pack(db, endpoint, pack);
    if (!sifted) return std::move(sifted).error();
    all.push_back(*std::move(sifted));
  }
  return all;
}

// Those by hand need no subscription.
Result<EndedRows> end_unowed_rows(Database& db, DeliveryPutter& putter, EndpointNumber endpoint,
                                  std::pair<Instant, EventSeq> after, std::span<const EventSeq> under_way,
                                  std::uint32_t limit, Instant now) {
  auto rows = pending_rows(db, endpoint, after.first, after.second, limit);
  if (!rows) return std::move(rows).error();
  EndedRows done;
  if (rows->size() == limit) done.next = {*rows->back().due, rows->back().key.event};
  std::erase_if(*rows, [&](const DeliveryRow& row) {
    return row.manual || std::ranges::find(under_way, row.key.event) != under_way.end();
  });
  std::vector<EventSeq> events;
  for (const auto& row : *rows) events.push_back(row.key.event);
  auto ended = uncovered(db, endpoint, events);
  if (!ended) return std::move(ended).error();
  std::erase_if(*rows, [&](const DeliveryRow& row) {
    return std::ranges::find(*ended, row.key.event) == ended->end();
  });
  for (auto& row : *rows) end_unowed(row, now);
  if (!rows->empty()) EXPOSEE_TRY(putter.put(*rows));
  done.ended = *std::move(ended);
  return done;
}

}  // namespace exposee::store

#include "store/sqlite/unsubscribed.h"

#include <algorithm>

#include "store/sqlite/lists/owed.h"
#include "store/sqlite/rows/pack_rows.h"

namespace exposee::store {
namespace {

Result<SiftedPack> sift_pack(Database& db, TypeNames& names, EndpointNumber endpoint,
                             const PackStretch& pack) {
  const PackKey key{endpoint, pack.first};
  auto numbers = numbers_of_pack(db, key, pack.last);
  if (!numbers) return std::move(numbers).error();
  auto still = still_owed(db, names, endpoint, numbers->events);
  if (!still) return std::move(still).error();
  const auto rest = std::span(numbers->events).subspan(still->looked_at);
  SiftedPack sifted{.was = pack.first, .unowed = still->unowed, .more = !rest.empty()};
  for (const auto event : still->events) sifted.left.add(event);
  for (const auto event : rest) sifted.left.add(event);
  const bool whole = !numbers->missing && sifted.left.count() == numbers->events.size();
  if (whole && !sifted.left.empty() && sifted.left.first() == pack.first) return sifted;
  EXPOSEE_TRY(remove_pack_rows(db, {&key, 1}));
  const BacklogPack left{endpoint, sifted.left};
  if (!sifted.left.empty()) EXPOSEE_TRY(put_pack_rows(db, {&left, 1}));
  return sifted;
}

}  // namespace

Result<std::vector<SiftedPack>> sift_packs(Database& db, TypeNames& names, EndpointNumber endpoint,
                                           std::span<const PackStretch> packs) {
  std::vector<SiftedPack> all;
  for (const auto& pack : packs) {
    auto sifted = sift_pack(db, names, endpoint, pack);
    if (!sifted) return std::move(sifted).error();
    all.push_back(*std::move(sifted));
    if (all.back().more) break;
  }
  return all;
}

// Those by hand need no subscription. Whose events are not looked at now come with the next step.
Result<EndedRows> end_unowed_rows(Database& db, TypeNames& names, DeliveryPutter& putter,
                                  const UnowedRows& which, Instant now) {
  auto rows = pending_rows(db, which.endpoint, which.after.first, which.after.second, which.limit);
  if (!rows) return std::move(rows).error();
  EndedRows done;
  const auto go_on_after = [&](const DeliveryRow& row) { done.next = {*row.due, row.key.event}; };
  if (rows->size() == which.limit) go_on_after(rows->back());
  std::erase_if(*rows, [&](const DeliveryRow& row) {
    return row.manual || std::ranges::find(which.under_way, row.key.event) != which.under_way.end();
  });
  std::vector<EventSeq> events;
  for (const auto& row : *rows) events.push_back(row.key.event);
  auto ended = uncovered(db, names, which.endpoint, events);
  if (!ended) return std::move(ended).error();
  if (ended->looked_at < rows->size()) go_on_after((*rows)[ended->looked_at - 1]);
  std::erase_if(*rows, [&](const DeliveryRow& row) {
    return std::ranges::find(ended->events, row.key.event) == ended->events.end();
  });
  for (auto& row : *rows) end_unowed(row, now);
  if (!rows->empty()) EXPOSEE_TRY(putter.put(*rows));
  done.ended = std::move(ended->events);
  return done;
}

}  // namespace exposee::store

#include "store/sqlite/housekeeping/unsubscribed.h"

#include <algorithm>

#include "store/sqlite/lists/owed.h"
#include "store/sqlite/rows/pack_rows.h"

namespace exposee::store {
namespace {

Result<SiftPlan> plan_pack(Database& db, TypeNames& names, EndpointNumber endpoint, const PackStretch& pack) {
  auto numbers = numbers_of_pack(db, {endpoint, pack.first}, pack.last);
  if (!numbers) return std::move(numbers).error();
  auto still = still_owed(db, names, endpoint, numbers->events);
  if (!still) return std::move(still).error();
  const auto rest = std::span(numbers->events).subspan(still->looked_at);
  SiftedPack sifted{.was = pack.first, .unowed = still->unowed, .more = !rest.empty()};
  for (const auto event : still->events) sifted.left.add(event);
  for (const auto event : rest) sifted.left.add(event);
  const bool whole = !numbers->missing && sifted.left.count() == numbers->events.size();
  const bool stays = whole && !sifted.left.empty() && sifted.left.first() == pack.first;
  return SiftPlan{std::move(sifted), !stays};
}

}  // namespace

Result<std::vector<SiftPlan>> plan_sift(Database& db, TypeNames& names, EndpointNumber endpoint,
                                        std::span<const PackStretch> packs) {
  std::vector<SiftPlan> all;
  for (const auto& pack : packs) {
    auto plan = plan_pack(db, names, endpoint, pack);
    if (!plan) return std::move(plan).error();
    all.push_back(*std::move(plan));
    if (all.back().sifted.more) break;
  }
  return all;
}

Result<std::vector<SiftedPack>> sift_packs(Database& db, EndpointNumber endpoint, std::vector<SiftPlan>&& plans) {
  std::vector<SiftedPack> all;
  for (auto& [sifted, changes] : plans) {
    const PackKey key{endpoint, sifted.was};
    const BacklogPack left{endpoint, sifted.left};
    if (changes) EXPOSEE_TRY(remove_pack_rows(db, {&key, 1}));
    if (changes && !sifted.left.empty()) EXPOSEE_TRY(put_pack_rows(db, {&left, 1}));
    all.push_back(std::move(sifted));
  }
  return all;
}

// Those by hand need no subscription. Whose events are not looked at now come with the next step.
Result<EndPlan> plan_end_unowed(Database& db, TypeNames& names, const UnowedRows& which, Instant now) {
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
  done.ended = std::move(ended->events);
  return EndPlan{std::move(done), *std::move(rows)};
}

}  // namespace exposee::store

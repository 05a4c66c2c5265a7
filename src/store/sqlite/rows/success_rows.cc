#include "store/sqlite/rows/success_rows.h"

#include <algorithm>

#include "core/assert.h"

namespace exposee::store {
namespace {

constexpr std::size_t kMaxPlacesKept = 64;  // of a SuccessIndex: some 100 KiB each at most

bool in_place_order(const AttemptRow* a, const AttemptRow* b) {
  const auto left = PackPlace::of(a->key), right = PackPlace::of(b->key);
  return left != right ? left < right : a->key < b->key;
}

// Calls `use` with every entry of the place.
template <class Use>
Result<void> for_each_entry(Database& db, PackPlace place, Use&& use) {
  auto query = db.query("SELECT pack FROM success WHERE events = ?1 AND endpoints = ?2 ORDER BY number",
                        place.events, place.endpoints);
  while (query.step()) {
    PackReader entries(place, query.view(0));
    while (entries.next()) use(entries);
    if (entries.damaged()) tell_damaged_pack(db, place);
  }
  return query.result();
}

constexpr std::size_t index_in_place(std::uint64_t number) {
  return number & ((1u << kPlaceBits) - 1);
}

}  // namespace

void tell_damaged_pack(Database& db, PackPlace place) {
  db.tell({"success",
           "events " + std::to_string(place.events) + " endpoints " + std::to_string(place.endpoints),
           "a pack of outcomes is damaged; those from there on are forgotten"});
}

// --- append ---------------------------------------------------------------------------------------------

// Answers come in any order; sorted, those of one place stand together.
Result<void> SuccessAppender::add(std::span<const AttemptRow* const> attempts) {
  sorted_.assign(attempts.begin(), attempts.end());
  std::ranges::sort(sorted_, in_place_order);
  pack_.take();
  for (std::size_t i = 0; i < sorted_.size(); ++i) {
    const auto place = PackPlace::of(sorted_[i]->key);
    pack_.add(*sorted_[i]);
    const bool last = i + 1 == sorted_.size() || PackPlace::of(sorted_[i + 1]->key) != place;
    if (last || pack_.full()) EXPOSEE_TRY(write(place));
  }
  return {};
}

Result<void> SuccessAppender::write(PackPlace place) {
  const auto pack = pack_.take();
  return db_
      .query("INSERT OR FAIL INTO success (events, endpoints, pack) VALUES (?1, ?2, ?3)", place.events,
             place.endpoints, Blob{pack})
      .run();
}

// --- find -----------------------------------------------------------------------------------------------

Result<std::optional<SuccessBrief>> SuccessIndex::find(const DeliveryKey& key) {
  const auto place = PackPlace::of(key);
  if (by_endpoints_.size() >= kMaxPlacesKept && !by_endpoints_.contains(place.endpoints))
    by_endpoints_.clear();
  auto& loaded = by_endpoints_[place.endpoints];
  if (!loaded || loaded->events != place.events) {
    loaded = std::make_unique<Loaded>();
    EXPOSEE_TRY(load(place, *loaded));
  }
  const auto at =
      loaded->at[index_in_place(key.event.value) << kPlaceBits | index_in_place(key.endpoint.value)];
  if (at == 0) return std::optional<SuccessBrief>{};
  return std::optional(loaded->briefs[at - 1]);
}

Result<void> SuccessIndex::load(PackPlace place, Loaded& loaded) {
  loaded.events = place.events;
  return for_each_entry(db_, place, [&](PackReader& entry) {
    const auto key = entry.key();
    auto& at = loaded.at[index_in_place(key.event.value) << kPlaceBits | index_in_place(key.endpoint.value)];
    if (at != 0) return;
    loaded.briefs.push_back({entry.status(), entry.started_at(), entry.total()});
    at = static_cast<std::uint16_t>(loaded.briefs.size());
  });
}

Result<std::optional<AttemptRow>> find_success(Database& db, const DeliveryKey& key) {
  std::optional<AttemptRow> found;
  EXPOSEE_TRY(for_each_entry(db, PackPlace::of(key), [&](PackReader& entry) {
    if (!found && entry.key() == key) found = entry.attempt();
  }));
  return found;
}

Result<void> successes_after(Database& db, EventSeq after, std::vector<DeliveryKey>& keys) {
  auto query = db.query("SELECT events, endpoints, pack FROM success WHERE events >= ?1",
                        PackPlace::of({after, {}}).events);
  while (query.step()) {
    const PackPlace place{query.as<std::uint64_t>(0), query.as<std::uint64_t>(1)};
    PackReader entries(place, query.view(2));
    while (entries.next()) {
      if (entries.key().event > after) keys.push_back(entries.key());
    }
    if (entries.damaged()) tell_damaged_pack(db, place);
  }
  return query.result();
}

}  // namespace exposee::store

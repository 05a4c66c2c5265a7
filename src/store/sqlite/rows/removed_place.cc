#include "store/sqlite/rows/removed_place.h"

#include <algorithm>
#include <vector>

#include "store/sqlite/rows/success_rows.h"

namespace exposee::store {
namespace {

// To decode a pack and write it anew takes as long as to remove so many rows.
constexpr std::uint64_t kSiftedAsRows = 16;

constexpr std::size_t index_in_place(EventSeq event) {
  return event.value & ((1u << kPlaceBits) - 1);
}

}  // namespace

Result<RemovedPlace::Step> RemovedPlace::remove(std::uint64_t events, std::uint64_t limit) {
  events_ = events;
  limit_ = limit;
  step_ = {};
  auto there = this->there();
  if (!there) return std::move(there).error();
  EXPOSEE_TRY(remove_rows(*there));
  if (left() == 0) return step_;
  EXPOSEE_TRY(there->none() ? remove_packs() : sift_packs(*there));
  return step_;
}

Result<RemovedPlace::There> RemovedPlace::there() const {
  auto query = db_.query("SELECT seq FROM event WHERE seq BETWEEN ?1 AND ?2", first(), last());
  There there;
  while (query.step()) there.set(index_in_place(query.number<EventSeq>(0)));
  EXPOSEE_TRY(query.result());
  return there;
}

// --- rows -----------------------------------------------------------------------------------------------

Result<void> RemovedPlace::remove_rows(const There& there) {
  auto some = has_rows();
  if (!some) return std::move(some).error();
  if (!*some) return {};
  for (auto event = first(); event <= last() && left() > 0; event = EventSeq{event.value + 1}) {
    if (!there.test(index_in_place(event))) EXPOSEE_TRY(remove_rows_of(event));
  }
  return {};
}

// Nearly always there are none: of an event whose first attempts all succeeded.
Result<bool> RemovedPlace::has_rows() const {
  auto query = db_.query(
      "SELECT EXISTS (SELECT 1 FROM attempt WHERE event BETWEEN ?1 AND ?2)"
      " OR EXISTS (SELECT 1 FROM delivery WHERE event BETWEEN ?1 AND ?2)",
      first(), last());
  const bool some = query.step() && query.flag(0);
  EXPOSEE_TRY(query.result());
  return some;
}

Result<void> RemovedPlace::remove_rows_of(EventSeq event) {
  EXPOSEE_TRY(db_.query("DELETE FROM attempt WHERE event = ?1 AND (endpoint, number) IN"
                        " (SELECT endpoint, number FROM attempt WHERE event = ?1 LIMIT ?2)",
                        event, left())
                  .run());
  step_.rows += db_.changes();
  EXPOSEE_TRY(db_.query("DELETE FROM delivery WHERE event = ?1 AND endpoint IN"
                        " (SELECT endpoint FROM delivery WHERE event = ?1 LIMIT ?2)",
                        event, left())
                  .run());
  step_.rows += db_.changes();
  return {};
}

// --- packs ----------------------------------------------------------------------------------------------

Result<void> RemovedPlace::remove_packs() {
  const auto most = left();
  EXPOSEE_TRY(db_.query("DELETE FROM success WHERE number IN"
                        " (SELECT number FROM success WHERE events = ?1 LIMIT ?2)",
                        events_, most)
                  .run());
  step_.rows += db_.changes();
  step_.is_over = db_.changes() < most;
  return {};
}

Result<void> RemovedPlace::sift_packs(const There& there) {
  if (next_.events != events_) next_ = {.events = events_};
  const auto most = std::max<std::uint64_t>(1, left() / kSiftedAsRows);
  auto packs = next_packs(most);
  if (!packs) return std::move(packs).error();
  for (const auto& pack : *packs) {
    EXPOSEE_TRY(sift(pack, there));
    next_.endpoints = pack.place.endpoints;
    next_.after = pack.number;
  }
  step_.rows += packs->size() * kSiftedAsRows;
  step_.is_over = packs->size() < most;
  if (step_.is_over) next_ = {};
  return {};
}

Result<std::vector<RemovedPlace::Pack>> RemovedPlace::next_packs(std::uint64_t most) const {
  auto query = db_.query(
      "SELECT endpoints, number, pack FROM success INDEXED BY success_of_place"
      " WHERE events = ?1 AND (endpoints, number) > (?2, ?3) ORDER BY endpoints, number LIMIT ?4",
      events_, next_.endpoints, next_.after, most);
  std::vector<Pack> packs;
  while (query.step())
    packs.push_back({{events_, query.as<std::uint64_t>(0)}, query.integer(1), query.bytes(2)});
  EXPOSEE_TRY(query.result());
  return packs;
}

// What stays is packed anew into the same row: it can only have become shorter.
Result<void> RemovedPlace::sift(const Pack& pack, const There& there) {
  PackReader entries(pack.place, pack.bytes);
  PackWriter kept;
  bool changed = false;
  while (entries.next()) {
    if (there.test(index_in_place(entries.key().event))) {
      kept.add(entries.attempt());
    } else {
      changed = true;
    }
  }
  if (entries.damaged()) tell_damaged_pack(db_, pack.place);
  if (!changed && !entries.damaged()) return {};
  if (kept.empty()) return db_.query("DELETE FROM success WHERE number = ?1", pack.number).run();
  return db_.query("UPDATE success SET pack = ?2 WHERE number = ?1", pack.number, Blob{kept.take()}).run();
}

}  // namespace exposee::store

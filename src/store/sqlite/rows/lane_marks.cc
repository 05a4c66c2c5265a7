#include "store/sqlite/rows/lane_marks.h"

#include <algorithm>
#include <utility>

#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

Result<void> LaneMarks::load() {
  if (loaded_) return {};
  marks_.clear();
  strange_.clear();
  auto query = db_.query("SELECT endpoint, low_water FROM lane_mark");
  while (query.step()) {
    const auto endpoint = query.number<EndpointNumber>(0);
    const auto low = query.number<EventSeq>(1);
    if (query.has_fault()) strange_.push_back(query.integer(0));
    marks_[endpoint] = {.stored = query.has_fault() ? std::nullopt : std::optional(low), .low = low};
  }
  if (!query.is_unreadable()) EXPOSEE_TRY(query.result());
  complete_ = !query.is_unreadable();
  if (!complete_) note_damage();
  EXPOSEE_TRY(shards_.load());
  loaded_ = true;
  return {};
}

Result<void> LaneMarks::put(const Checkpoint& checkpoint) {
  ++round_;
  lowest_.reset();
  ByShard upto;
  upto.fill(checkpoint.upto);
  if (!damaged_) EXPOSEE_TRY(remove_strange());
  for (const auto& mark : checkpoint.marks) EXPOSEE_TRY(put_one(mark, upto));
  EXPOSEE_TRY(remove_others(checkpoint.shards));
  putting_ = checkpoint.shards;
  return shards_.put(checkpoint.shards, upto);
}

Result<void> LaneMarks::remove_strange() {
  for (const auto key : strange_) EXPOSEE_TRY(run(db_.query("DELETE FROM lane_mark WHERE endpoint = ?1", key)));
  return {};
}

// A row that stays as it is may say less than is true, and then a start reads more; where it says more, the
// mark of its shard counts.
Result<void> LaneMarks::put_one(const LaneMark& mark, ByShard& upto) {
  const auto [endpoint, low] = mark;
  const auto known = marks_.find(endpoint);
  auto changed = known == marks_.end() ? Mark{} : known->second;
  if (damaged_) {
    auto& shard = upto[shard_of(endpoint)];
    shard = std::min(shard, low);
  } else if (changed.stored != low) {
    EXPOSEE_TRY(run(db_.query("INSERT OR REPLACE INTO lane_mark VALUES (?1, ?2)", endpoint, low)));
    changed.stored = low;
  }
  changed.low = low;
  changed.round = round_;
  set(endpoint, changed);
  return {};
}

Result<void> LaneMarks::remove_others(ShardSet shards) {
  std::vector<EndpointNumber> others;
  for (const auto& [endpoint, mark] : marks_) {
    if (mark.round != round_ && shards.has(endpoint)) others.push_back(endpoint);
  }
  for (const auto endpoint : others) EXPOSEE_TRY(remove(endpoint));
  return {};
}

Result<void> LaneMarks::remove(EndpointNumber endpoint) {
  const auto place = marks_.find(endpoint);
  if (place == marks_.end()) return {};
  if (damaged_) {
    set(endpoint, Mark{.stored = place->second.stored});
    return {};
  }
  if (place->second.stored) EXPOSEE_TRY(run(db_.query("DELETE FROM lane_mark WHERE endpoint = ?1", endpoint)));
  set(endpoint, std::nullopt);
  return {};
}

Result<void> LaneMarks::run(Query&& query) {
  auto done = query.run();
  if (!done && query.is_unreadable()) note_damage();
  return done;
}

void LaneMarks::note_damage() {
  if (std::exchange(damaged_, true)) return;
  found_out_ = true;
  db_.tell({"lane_mark", "of some endpoints",
            "they cannot be read or written; those of shards are as low as they are, and a start reads more"});
}

void LaneMarks::set(EndpointNumber endpoint, std::optional<Mark> mark) {
  const auto place = marks_.find(endpoint);
  undo_.emplace_back(endpoint, place == marks_.end() ? std::nullopt : std::optional(place->second));
  mark ? void(marks_[endpoint] = *mark) : void(marks_.erase(endpoint));
  lowest_.reset();
}

bool LaneMarks::see_to_damage() {
  return std::exchange(found_out_, false) || shards_.see_to_damage();
}

void LaneMarks::settle() {
  undo_.clear();
  shards_.settle();
  const auto put = std::exchange(putting_, std::nullopt);
  if (!put) return;
  complete_ |= *put == ShardSet::all();
  strange_.clear();
}

void LaneMarks::forget() {
  putting_.reset();
  shards_.forget();
  for (; !undo_.empty(); undo_.pop_back()) {
    const auto& [endpoint, mark] = undo_.back();
    mark ? void(marks_[endpoint] = *mark) : void(marks_.erase(endpoint));
  }
  lowest_.reset();
}

Result<EventSeq> LaneMarks::lowest() {
  EXPOSEE_TRY(load());
  if (!complete_) return EventSeq{};
  if (!lowest_) {
    lowest_ = kLastCounted;
    for (const auto& [endpoint, mark] : marks_) lowest_ = std::min(*lowest_, mark.low.value_or(*lowest_));
  }
  return std::min(shards_.lowest(), *lowest_);
}

}  // namespace exposee::store

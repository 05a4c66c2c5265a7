// Goes backwards through a range of events, each with its delivery rows: either those that have rows, or all.
// Part of a reader, inside its snapshot; its thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "store/sqlite/database.h"
#include "store/sqlite/lists/head_walk.h"
#include "store/sqlite/rows/delivery_rows.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

// What a look-up by key weighs against one step of a scan.
constexpr std::int64_t kLookupRows = 2;

// Nothing also of one that lies on a damaged page, which SQLite's files have told by then.
inline Result<std::optional<EventHead>> readable_head(Database& db, EventSeq seq) {
  auto head = find_head(db, seq);
  if (head || head.error().code != ErrorCode::damaged) return head;
  return std::optional<EventHead>{};
}

// Two descending cursors over one stretch, taken together event by event.
class EventsWithRows {
 public:
  EventsWithRows(Database& db, Query rows, SeqRange range, bool walk)
      : db_(db), rows_(std::move(rows)), has_row_(rows_.step()) {
    if (walk) events_.emplace(db, range);
    walk_on();
  }

  bool at_end() { return !has_row_ && !walked_ && whole(); }

  // The next event and its rows. `cost` is raised by what was looked at.
  Result<std::optional<EventHead>> take(std::vector<DeliveryRow>& rows, std::int64_t& cost) {
    rows.clear();
    EXPOSEE_TRY(whole());
    const auto with_row = has_row_ ? rows_.number<EventSeq>(0) : EventSeq{};
    const auto seq = walked_ ? std::max(walked_->seq, with_row) : with_row;
    for (; has_row_ && rows_.number<EventSeq>(0) == seq; has_row_ = rows_.step(), ++cost) {
      rows.push_back(read_delivery(rows_));
    }
    EXPOSEE_TRY(rows_.result());  // without its rows, an event's deliveries would be made up
    if (!walked_ || walked_->seq != seq) {
      cost += kLookupRows;
      return readable_head(db_, seq);
    }
    ++cost;
    auto taken = std::move(walked_);
    walk_on();
    return taken;
  }

 private:
  // Whatever cannot be read is told when it would be next.
  Result<void> whole() {
    EXPOSEE_TRY(rows_.result());
    return failed_ ? Result<void>(*failed_) : Result<void>{};
  }
  void walk_on() {
    walked_.reset();
    if (!events_) return;
    auto next = events_->next();
    next ? void(walked_ = *next) : void(failed_ = next.error());
  }

  Database& db_;
  Query rows_;
  bool has_row_;
  std::optional<HeadWalk> events_;
  std::optional<EventHead> walked_;
  std::optional<Error> failed_;
};

}  // namespace exposee::store

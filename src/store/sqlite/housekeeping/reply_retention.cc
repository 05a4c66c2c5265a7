#include "store/sqlite/housekeeping/reply_retention.h"

#include <algorithm>
#include <string>
#include <utility>

#include "store/sqlite/rows/numbers.h"
#include "store/sqlite/sqlite_error.h"

namespace exposee::store {

// What comes before a page that cannot be read goes first.
Result<bool> ReplyRetention::plan(Instant before, std::uint64_t limit) {
  old_.clear();
  removing_.reset();
  walking_.reset();
  done_ = {};
  to_ = next_;
  if (times_.has(to_.moment())) to_ = {.time = static_cast<std::int64_t>(times_.end_after(to_.moment()) + 1)};
  const auto last =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(to_micros(before), 1, kLastStoredMicros)) - 1;
  if (to_.moment() > last) return arrive(), false;
  const auto end = times_.last_before(to_.moment(), last);
  auto found = find(end, limit);
  if (!found) {
    walking_ = Stretch{to_.moment(), last};
    if (!is_of_one_place(found.error()) || old_.empty()) return std::move(found).error();
  }
  done_ = {.replies = old_.size(), .rows = old_.size(), .more = !found || *found == limit || end < last};
  if (found && *found < limit) to_ = {.time = static_cast<std::int64_t>(end + 1)};
  if (old_.empty()) arrive();
  return !old_.empty();
}

// How many it has looked at.
Result<std::uint64_t> ReplyRetention::find(std::uint64_t end, std::uint64_t limit) {
  auto query = db_.query(
      "SELECT number, stored_at FROM stored_reply WHERE (stored_at, number) >= (?1, ?2) AND stored_at <= ?3"
      " ORDER BY stored_at, number LIMIT ?4",
      to_.time, to_.number, end, limit);
  std::uint64_t found = 0;
  for (; query.step(); ++found) {
    const auto number = query.integer(0);
    if (!numbers_.has(static_cast<std::uint64_t>(number))) old_.push_back(number);
    to_ = {query.integer(1), number + 1};
  }
  EXPOSEE_TRY(query.result());
  return found;
}

Result<void> ReplyRetention::remove() {
  for (const auto number : old_) {
    removing_ = number;
    EXPOSEE_TRY(db_.query("DELETE FROM stored_reply WHERE number = ?1", number).run());
  }
  removing_.reset();
  arrive();
  return {};
}

void ReplyRetention::arrive() {
  next_ = to_;
  if (done_.more) return;
  next_ = {};
  numbers_.end_round();
  times_.end_round();
}

// --- what cannot be read --------------------------------------------------------------------------------

Result<bool> ReplyRetention::pass_over(const Error& unread) {
  const auto number = std::exchange(removing_, std::nullopt);
  const auto times = std::exchange(walking_, std::nullopt);
  if (number)
    return pass_over(numbers_, {static_cast<std::uint64_t>(*number), static_cast<std::uint64_t>(*number)},
                     unread);
  if (!times) return false;
  auto distance =
      nearest_good(times->last - times->first, [&](auto far) { return is_readable(times->first + far); });
  if (!distance) return std::move(distance).error();
  return pass_over(times_, {times->first, *distance ? times->first + **distance - 1 : times->last}, unread);
}

// Those of a page are told once.
bool ReplyRetention::pass_over(PassedOver& passed, Stretch stretch, const Error& unread) {
  const auto added = passed.add(stretch, unread);
  if (added == PassedOver::Added::apart) {
    const bool refused = unread.code == ErrorCode::unreadable;
    db_.tell({"stored_reply",
              (&passed == &times_ ? "from the time " : "from ") + std::to_string(stretch.first),
              std::string("what is old there cannot be removed; it stays") +
                  (refused ? ". The disk does not read it; it is tried again later" : "")});
  }
  return added != PassedOver::Added::nothing;
}

// Whether the reply of that time, or the next one, can be found.
Result<bool> ReplyRetention::is_readable(std::uint64_t time) {
  auto query =
      db_.query("SELECT number FROM stored_reply WHERE stored_at >= ?1 ORDER BY stored_at LIMIT 1", time);
  query.step();
  const auto read = query.result();
  if (!read && !is_of_one_place(read.error())) return read.error();
  return read.has_value();
}

}  // namespace exposee::store

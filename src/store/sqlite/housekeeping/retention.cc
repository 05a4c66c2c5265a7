#include "store/sqlite/housekeeping/retention.h"

#include <algorithm>
#include <utility>

#include "store/sqlite/rows/event_rows.h"
#include "store/sqlite/rows/numbers.h"
#include "store/sqlite/rows/pack_rows.h"
#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

// To remove a body takes a page of its own for so many bytes.
constexpr std::uint64_t kBytesAsRow = 4096;
// Events of one place that go together though they are more than a step may remove: as many times that.
constexpr std::uint64_t kMostOver = 2;
// Of what a step may remove, a part that is kept for what the last events leave.
constexpr std::uint64_t kPartForRest = 8;
// What one step looks at, at most: some milliseconds.
constexpr int kBlocksPerStep = 2;
constexpr std::size_t kPacksPerStep = 1000;

constexpr const char* kStays =
    "what is old there cannot be removed; it stays, and retention goes on behind it";
constexpr const char* kRestsUnread =
    "whether something is left there of events that are gone cannot be read; it stays";
constexpr const char* kTriedAgain = ". The disk does not read it; it is tried again later";

Result<void> note_half_removed(Database& db, EventSeq event) {
  return db.query("UPDATE meta SET expiring = ?1", event).run();
}

Result<EventSeq> last_removed(Database& db) {
  return first_number<EventSeq>(db.query("SELECT last_expired FROM meta"));
}

Result<bool> is_there(Database& db, EventSeq event) {
  auto query = db.query("SELECT EXISTS (SELECT 1 FROM event WHERE seq = ?1)", event);
  const bool there = query.step() && query.flag(0);
  EXPOSEE_TRY(query.result());
  return there;
}

// One whose pages cannot be read is there.
Result<void> leave_out_those_there(Database& db, std::vector<EventSeq>& events) {
  std::vector<EventSeq> gone;
  for (const auto event : events) {
    auto there = is_there(db, event);
    if (!there && !is_of_one_place(there.error())) return std::move(there).error();
    if (there && !*there) gone.push_back(event);
  }
  events = std::move(gone);
  return {};
}

bool is_beside(EventSeq a, EventSeq b) {
  return PackPlace::of({a, {}}) == PackPlace::of({b, {}});
}

}  // namespace

// An event that is there is not being removed, whatever a damaged row says.
Result<EventSeq> half_removed(Database& db) {
  auto event = first_number<EventSeq>(db.query("SELECT expiring FROM meta WHERE expiring > 0"));
  if (!event || !*event) return event;
  auto there = is_there(db, *event);
  if (!there) return std::move(there).error();
  return *there ? EventSeq{} : *event;
}

// --- a step ---------------------------------------------------------------------------------------------

Result<bool> Retention::plan(Instant before, std::uint64_t limit) {
  doing_ = {};
  step_ = {.limit = limit, .began_at = kept_to_};
  EXPOSEE_TRY(plan_begun());
  EXPOSEE_TRY(find_rest());
  EXPOSEE_TRY(find_old(before));
  step_.done.rows = step_.looked_at;
  if (!step_.events.empty() || step_.begun || step_.rest) return true;
  if (!step_.done.more) begin_anew();
  return false;
}

void Retention::begin_anew() {
  kept_to_ = {};
  rests_to_ = EventSeq{};
  packed_.reset();
  passed_over_.end_round();
}

// Whatever a damaged row says: of an event that is there nothing goes (rows/removed_place.h).
Result<void> Retention::plan_begun() {
  auto begun = first_number<EventSeq>(db_.query("SELECT expiring FROM meta WHERE expiring > 0"));
  if (!begun) return std::move(begun).error();
  step_.begun = *begun;
  return {};
}

Result<void> Retention::remove() {
  auto finished = step_.rest ? finish_rest() : finish_begun();
  if (!finished) return std::move(finished).error();
  if (*finished) {
    EXPOSEE_TRY(remove_planned());
  } else {
    step_.done.more = true;
  }
  doing_ = {};
  step_.done.rows = step_.used + step_.looked_at;
  if (step_.done.events > 0) EXPOSEE_TRY(note_removed());
  if (!step_.done.more) begin_anew();
  return {};
}

Result<void> Retention::remove_planned() {
  bool stops = false;
  for (std::span<const OldEvent> rest(step_.events); !rest.empty() && !stops;) {
    const auto end = std::ranges::find_if_not(rest, [&](const auto& e) { return is_beside(e.seq, rest[0].seq); });
    const auto neighbours = rest.first(static_cast<std::size_t>(end - rest.begin()));
    rest = rest.subspan(neighbours.size());
    auto whole = remove(neighbours);
    if (!whole) return std::move(whole).error();
    stops = !*whole || (step_.is_spent() && !rest.empty());
  }
  step_.done.more |= stops;
  ahead_ = stops ? step_.done.events : 2 * ahead_;
  return {};
}

Result<void> Retention::note_removed() {
  last_removed_.reset();
  return db_.query("UPDATE meta SET last_expired = max(last_expired, ?1)", kept_to_).run();
}

void Retention::settle() {
  step_.began_at = kept_to_;
  place_.settle();
}

// A rollback brings back what was removed, and nothing that is known of packs.
void Retention::forget() {
  kept_to_ = std::min(kept_to_, step_.began_at);
  last_removed_.reset();
  place_.forget();
}

// --- what is gone ---------------------------------------------------------------------------------------
// Those above the highest that was ever removed are there: nearly always all.
Result<std::vector<EventSeq>> Retention::gone(const Turn& turn) {
  auto last = highest_removed();
  if (!last) return std::move(last).error();
  std::vector<EventSeq> events;
  const auto note = [&](const auto& row) {
    if (row.key.event <= *last) events.push_back(row.key.event);
  };
  std::ranges::for_each(turn.attempts, note);
  std::ranges::for_each(turn.deliveries, note);
  std::ranges::sort(events);
  const auto twice = std::ranges::unique(events);
  events.erase(twice.begin(), twice.end());
  EXPOSEE_TRY(leave_out_those_there(db_, events));
  return events;
}

Result<EventSeq> Retention::highest_removed() {
  if (last_removed_) return *last_removed_;
  auto last = last_removed(db_);
  if (last) last_removed_ = *last;
  return last;
}

// --- removing -------------------------------------------------------------------------------------------

// What an earlier step could not remove of events that are gone. Where that cannot be read it is given up for
// now.
Result<bool> Retention::finish_begun() {
  if (!step_.begun) return true;
  auto finished = passed_over_.has(step_.begun.value) ? Result<bool>(true) : finish(step_.begun);
  if (!finished || !*finished) return finished;
  doing_ = {};
  EXPOSEE_TRY(note_half_removed(db_, {}));
  return true;
}

// Whatever it is the rest of, no event of the place is there.
Result<bool> Retention::finish_rest() {
  step_.done.more = true;
  auto finished = finish(step_.rest);
  if (finished && *finished) rests_to_ = at_place(step_.rest).range.last;
  return finished;
}

// All of one place.
Result<bool> Retention::remove(std::span<const OldEvent> neighbours) {
  doing_ = at_place(neighbours.front().seq);
  EXPOSEE_TRY(remove_events(neighbours));
  kept_to_ = neighbours.back().seq;
  auto whole = finish(kept_to_);
  if (!whole || *whole) return whole;
  doing_ = {};
  EXPOSEE_TRY(note_half_removed(db_, kept_to_));
  return false;
}

// Nearly always a stretch without gaps, which goes with one statement.
Result<void> Retention::remove_events(std::span<const OldEvent> neighbours) {
  const auto first = neighbours.front().seq, last = neighbours.back().seq;
  if (last.value - first.value + 1 == neighbours.size()) {
    EXPOSEE_TRY(db_.query("DELETE FROM event WHERE seq BETWEEN ?1 AND ?2", first, last).run());
  } else {
    for (const auto& event : neighbours) EXPOSEE_TRY(db_.query("DELETE FROM event WHERE seq = ?1", event.seq).run());
  }
  step_.done.events += neighbours.size();
  for (const auto& event : neighbours) step_.used += event.rows;
  return {};
}

// At least something of it, so that each step comes further.
Result<bool> Retention::finish(EventSeq event) {
  doing_ = at_place(event);
  const auto left = step_.limit - std::min(step_.used, step_.limit);
  auto step = place_.remove(PackPlace::of({event, {}}).events, std::max(left, step_.limit / kPartForRest + 1));
  if (!step) return std::move(step).error();
  step_.used += step->rows;
  return step->is_over;
}

// --- looking for what may go ----------------------------------------------------------------------------

// Events that are still owed stay behind, so each step goes on where the last one ended, and begins anew once
// it came to the end: a backlog is not walked again and again. Block by block, a bounded number of them a
// step.
Result<void> Retention::find_old(Instant before) {
  auto low_water = marks_.lowest();
  if (!low_water) return std::move(low_water).error();
  auto old = accepted_between(db_, std::nullopt, before, Behind::all_unread);
  if (!old) return std::move(old).error();
  const auto last = std::min(*low_water, old->last);
  for (int blocks = 0; blocks < kBlocksPerStep; ++blocks) {
    auto first = next_event(last);
    if (!first) return std::move(first).error();
    if (!*first) return {};
    auto known = look_up_packed(*first);
    if (!known) return std::move(known).error();
    if (!*known) break;
    const EventSeq end{passed_over_.last_before(first->value, std::min(last, last_of_block(*first)).value)};
    auto to = find_between(*first, end, before);
    if (!to) return std::move(to).error();
    step_.done.more |= !step_.events.empty() && end < last;
    if (!step_.events.empty()) return {};
    kept_to_ = *to;
    if (*to < end) break;
  }
  step_.done.more = true;
  return {};
}

// Zero: there is none.
Result<EventSeq> Retention::next_event(EventSeq last) {
  while (true) {
    kept_to_ = EventSeq{passed_over_.end_after(kept_to_.value)};
    if (kept_to_ >= last) return EventSeq{};
    doing_ = {At::events, {EventSeq{kept_to_.value + 1}, last}};
    auto next = first_number<EventSeq>(
        db_.query("SELECT seq FROM event WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT 1", kept_to_, last));
    if (!next || !passed_over_.has(next->value)) return next;
    kept_to_ = *next;
  }
}

// False: not yet, for there are very many packs.
Result<bool> Retention::look_up_packed(EventSeq event) {
  if (!packed_ || block_of(packed_->looked_to.first) != block_of(event))
    packed_ = Packed{.looked_to = {{}, first_of_block(event)}};
  if (packed_->complete) return true;
  doing_ = {At::stretch, {event, last_of_block(event)}};
  std::vector<PackKey> packs;
  auto found = next_packs(db_, packed_->looked_to, kPacksPerStep, packs);
  if (!found) return std::move(found).error();
  for (const auto& key : packs) {
    auto numbers = numbers_of_pack(db_, key, last_of_block(event));
    if (!numbers) return std::move(numbers).error();
    packed_->add(numbers->events);
    packed_->looked_to = key;
    if (packed_->events.all()) break;
  }
  packed_->complete = packs.size() < kPacksPerStep || packed_->events.all();
  return packed_->complete;
}

void Retention::note_packed(std::span<const BacklogPack> packs) {
  if (!packed_) return;
  for (const auto& [endpoint, pack] : packs) {
    if (block_of(pack.first()) == block_of(packed_->looked_to.first)) packed_->add(pack.events());
  }
}

// The literal `status <> 2` makes SQLite see that the partial index holds.
Result<bool> Retention::has_pending_row(EventSeq event) {
  doing_ = at_place(event);
  auto query = db_.query(
      "SELECT EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_of_status"
      " WHERE status = 0 AND status <> 2 AND event = ?1)",
      event);
  const bool pending = query.step() && query.flag(0);
  EXPOSEE_TRY(query.result());
  return pending;
}

// As many as the step may remove, and no more of those that stay; of the last place all, unless their bodies
// are large. Gives up to where it has looked.
Result<EventSeq> Retention::find_between(EventSeq first, EventSeq last, Instant before) {
  if (packed_->events.all()) return last;
  auto query = db_.query(
      "SELECT seq, length(body) FROM event WHERE seq BETWEEN ?1 AND ?2 AND accepted_at < ?3 ORDER BY seq",
      first, last, before);
  auto& events = step_.events;
  std::uint64_t rows = 0;
  ahead_ = std::clamp<std::uint64_t>(ahead_, 1, step_.limit);
  doing_ = {At::events, {first, last}};
  for (EventSeq looked_to{first.value - 1}; query.step();) {
    if (step_.has_looked()) {
      step_.done.more = true;
      return looked_to;
    }
    const auto event = query.number<EventSeq>(0);
    const bool beside = !events.empty() && is_beside(events.back().seq, event);
    if (!events.empty() && rows >= (beside ? kMostOver * step_.limit : ahead_)) {
      step_.done.more = true;
      break;
    }
    looked_to = event;
    ++step_.looked_at;
    if (packed_->events.test(event.value % kPackBlock)) continue;
    auto pending = has_pending_row(event);
    if (!pending) return std::move(pending).error();
    doing_ = {At::events, {EventSeq{event.value + 1}, last}};
    if (*pending) continue;
    --step_.looked_at;
    events.push_back({event, 1 + query.as<std::uint64_t>(1) / kBytesAsRow});
    rows += events.back().rows;
  }
  auto read = query.result();
  if (read) return last;
  // What comes before it goes first; and behind the last one asked for it is known already.
  const bool waits = !events.empty() || passed_over_.has(last.value + 1);
  if (!is_of_one_place(read.error()) || !waits) return std::move(read).error();
  step_.done.more |= !events.empty();
  return last;
}

// --- looking for rests ----------------------------------------------------------------------------------

// Rows before the first event that is there belong to none.
Result<void> Retention::find_rest() {
  if (step_.begun || !rests_to_) return {};
  auto end = end_of_rests();
  if (!end) return std::move(end).error();
  for (rests_to_ = EventSeq{passed_over_.end_after(rests_to_->value)}; *rests_to_ < *end;) {
    const EventSeq from{rests_to_->value + 1}, to{passed_over_.last_before(from.value, end->value)};
    doing_ = {At::rests, {from, *end}};
    auto rest = next_rest(from, to);
    if (!rest) return std::move(rest).error();
    if (*rest) return step_.rest = *rest, doing_ = {}, Result<void>{};
    rests_to_ = EventSeq{passed_over_.end_after(to.value)};
  }
  rests_to_.reset();
  doing_ = {};
  return {};
}

// The last event of the last place before the first event that is there, and can be read; of those that were
// removed.
Result<EventSeq> Retention::end_of_rests() {
  auto events = all_events(db_, Behind::all_unread);
  if (!events && events.error().code == ErrorCode::damaged) return EventSeq{};
  if (!events) return std::move(events).error();
  auto removed = highest_removed();
  if (!removed || events->last < events->first) return removed;
  const EventSeq before{at_place(events->first).range.first.value - 1};
  return std::min(*removed, before);
}

// Zero: there is none.
Result<EventSeq> Retention::next_rest(EventSeq from, EventSeq last) {
  auto next = kLastCounted;
  const auto note = [&](Query&& query, unsigned shift) -> Result<void> {
    auto one = first_number<EventSeq>(std::move(query));
    if (!one) return std::move(one).error();
    if (*one) next = std::min(next, std::max(from, EventSeq{one->value << shift}));
    return {};
  };
  EXPOSEE_TRY(note(db_.query("SELECT min(event) FROM attempt WHERE event BETWEEN ?1 AND ?2", from, last), 0));
  EXPOSEE_TRY(
      note(db_.query("SELECT min(event) FROM delivery WHERE event BETWEEN ?1 AND ?2", from, last), 0));
  EXPOSEE_TRY(note(db_.query("SELECT min(events) FROM success WHERE events BETWEEN ?1 AND ?2",
                             from.value >> kPlaceBits, last.value >> kPlaceBits),
                   kPlaceBits));
  return next <= last ? next : EventSeq{};
}

// --- what cannot be read --------------------------------------------------------------------------------

Result<bool> Retention::pass_over(const Error& unread) {
  const auto doing = std::exchange(doing_, {});
  if (doing.what == At::elsewhere) return false;
  auto range = doing.range;
  if (doing.what != At::stretch) {
    auto behind = readable_behind(doing);
    if (!behind) return std::move(behind).error();
    if (*behind) range.last = std::max(range.first, EventSeq{(*behind)->value - 1});
  }
  const auto added = passed_over_.add({range.first.value, range.last.value}, unread);
  if (added == PassedOver::Added::apart) {
    const std::string why = doing.what == At::rests ? kRestsUnread : kStays;
    db_.tell({"event", "from " + std::to_string(range.first.value),
              why + (unread.code == ErrorCode::unreadable ? kTriedAgain : "")});
  }
  return added != PassedOver::Added::nothing;
}

// Where what it was looking for can be read again.
Result<std::optional<EventSeq>> Retention::readable_behind(const Doing& doing) {
  if (doing.what == At::events) return behind_damage(db_, doing.range, Towards::newer, Behind::all_unread);
  const auto [first, last] = doing.range;
  auto distance = nearest_good(last.value - first.value, [&](std::uint64_t far) -> Result<bool> {
    auto rest = next_rest(EventSeq{first.value + far}, last);
    if (!rest && !is_of_one_place(rest.error())) return std::move(rest).error();
    return rest.has_value();
  });
  if (!distance) return std::move(distance).error();
  return *distance ? std::optional(EventSeq{first.value + **distance}) : std::nullopt;
}

}  // namespace exposee::store

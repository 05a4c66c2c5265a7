#include "engine/dispatch/catch_ups.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace exposee::engine {
namespace {

bool wants_step(const Lane& lane, Instant now) {
  return lane.retries.catch_up().wants_step() && !lane.reads.waits(LaneRead::catch_up, now) &&
         lane.gate.may_catch_up(lane.work(), now);
}

RetryWindow::Place place_of(const DeliveryRow& row) {
  return {*row.due, row.key.event};
}

// Makes of a page as it is on disk what it will be with the rows that this turn writes: as far as the page
// goes, in the same order.
void lay_over(std::vector<DeliveryRow>& page, std::optional<RetryWindow::Place> end, const Lane& lane,
              std::span<const DeliveryRow> written) {
  std::unordered_map<EventSeq, const DeliveryRow*> last;
  for (const auto& row : written) {
    if (row.key.endpoint == lane.number) last[row.key.event] = &row;
  }
  if (last.empty()) return;
  std::erase_if(page, [&](const DeliveryRow& row) { return last.contains(row.key.event); });
  for (const auto& [event, row] : last) {
    if (row->status != DeliveryStatus::pending || row->asked) continue;
    const auto place = place_of(*row);
    if (lane.retries.catch_up().cursor() < place && (!end || place <= *end)) page.push_back(*row);
  }
  std::ranges::sort(page, {}, place_of);
}

// Of the rows in order of date, those that a step takes, and how far it looked. `end`: others lie beyond it.
CatchUps::Step choose(const Lane& lane, std::vector<DeliveryRow>&& rows,
                      std::optional<RetryWindow::Place> end, Instant now) {
  CatchUps::Step step{lane.number, end.value_or(lane.retries.catch_up().cursor()), end.has_value(), {}};
  for (auto& row : rows) {
    if (step.rows.size() == lane.retries.catch_up().step()) {
      step.more = true;
      break;
    }
    step.cursor = {*row.due, row.key.event};
    if (!lane.retries.catch_up().takes(row, now)) continue;
    row.due = now;
    row.brought_forward = true;
    step.rows.push_back(std::move(row));
  }
  return step;
}

}  // namespace

void CatchUps::join(Lane& lane) {
  if (lane.lines.catch_up || !lane.retries.catch_up().wants_step()) return;
  lane.lines.catch_up = ++last_place_;
  line_.emplace(last_place_, &lane);
}

void CatchUps::leave(Lane& lane) {
  if (const auto place = std::exchange(lane.lines.catch_up, 0)) line_.erase(place);
}

bool CatchUps::may_step(Instant now) {
  return next(now) != nullptr;
}

// The first of the line that may step; null: none may. Each that may not is looked at once, however often it
// is asked.
Lane* CatchUps::next(Instant now) {
  while (!line_.empty()) {
    auto& lane = *line_.begin()->second;
    if (wants_step(lane, now)) return &lane;
    leave(lane);
  }
  return nullptr;
}

// Each at most once: it stands at the end of the line again. What cannot be read is one endpoint's trouble,
// whatever the error: a disk says of one bad sector what it says when all of it is away, and a store that is
// away says so when the turn is written.
std::vector<CatchUps::Step> CatchUps::next_steps(Instant now, std::span<const DeliveryRow> written) {
  std::vector<Step> steps;
  const auto last = last_place_;
  for (auto* lane = next(now); lane && lane->lines.catch_up <= last; lane = next(now)) {
    if (steps.size() == lane->limits.catch_ups_per_turn) break;
    leave(*lane);
    join(*lane);
    auto step = read(*lane, now, written);
    if (!step) {
      troubles_.put_off(*lane, LaneRead::catch_up, step.error());
      continue;
    }
    lane->reads.succeeded(LaneRead::catch_up);
    steps.push_back(*std::move(step));
  }
  return steps;
}

Result<CatchUps::Step> CatchUps::read(const Lane& lane, Instant now, std::span<const DeliveryRow> written) {
  const auto [due, event] = lane.retries.catch_up().cursor();
  const auto most = lane.limits.catch_up_scan;
  auto rows = store_.load_pending(lane.number, due, event, most);
  if (!rows) return std::move(rows).error();
  const auto end = rows->size() == most ? std::optional(place_of(rows->back())) : std::nullopt;
  lay_over(*rows, end, lane, written);
  return choose(lane, *std::move(rows), end, now);
}

bool CatchUps::took(Lane& lane, const Step& step) {
  auto& catch_up = lane.retries.catch_up();
  if (!catch_up.is_active()) return false;  // it was disabled by this very turn, and begins anew
  lane.retries.brought_forward(step.rows);
  catch_up.took_step(step.cursor, step.more, !step.rows.empty());
  if (!catch_up.wants_step()) leave(lane);  // stands in it again with the next success
  return true;
}

}  // namespace exposee::engine

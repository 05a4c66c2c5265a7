#include "engine/dispatch/sifting.h"

#include <utility>

namespace exposee::engine {

Result<SiftEnd> Sifting::sift_packs(NodeEpoch as, Lane& lane, SiftPass& pass) {
  auto& backlog = lane.backlog;
  if (!pass.upto) pass.upto = backlog.last();
  if (backlog.is_reading()) return SiftEnd::waits;
  const auto packs = backlog.next_packs(pass.after, *pass.upto, limits_.read_step);
  if (packs.empty()) {
    if (backlog.has_unwritten_up_to(*pass.upto)) return SiftEnd::waits;
    pass.rows.emplace(Instant::min(), EventSeq{});
    return SiftEnd::more;
  }
  auto sifted = store_.sift(as, lane.number, packs);
  if (!sifted) return std::move(sifted).error();
  for (const auto& pack : *sifted) owed_.give_up(lane, backlog.sifted(pack), pack.unowed);
  const auto& last = sifted->back();
  pass.after = last.more ? EventSeq{last.left.first().value - 1} : packs[sifted->size() - 1].last;
  return SiftEnd::more;
}

// What is under way ends with its outcome.
Result<SiftEnd> Sifting::end_rows(NodeEpoch as, Lane& lane, SiftPass& pass, Instant now) {
  auto& retries = lane.retries.by_schedule();
  const auto most = static_cast<std::uint32_t>(limits_.read_step);
  auto rows = store_.end_unowed(as, lane.number, *pass.rows, retries.given(), most, now);
  if (!rows) return std::move(rows).error();
  for (const auto event : rows->ended) {
    retries.remove(event);
    lane.set_aside.remove(event);
  }
  owed_.give_up(lane, rows->ended.size());
  pass.rows = rows->next;
  return rows->next ? SiftEnd::more : SiftEnd::done;
}

}  // namespace exposee::engine

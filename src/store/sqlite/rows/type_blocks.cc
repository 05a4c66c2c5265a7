#include "store/sqlite/rows/type_blocks.h"

#include <algorithm>
#include <limits>

#include "store/sqlite/rows/first_number.h"

namespace exposee::store {
namespace {

constexpr std::uint64_t block_number(EventSeq event) {
  return event.value / kTypeBlock;
}
constexpr EventSeq first_event(std::uint64_t block) {
  return EventSeq{block * kTypeBlock};
}

constexpr std::uint64_t kNeverKnown = std::numeric_limits<std::uint64_t>::max();

}  // namespace

// Nearly all events are of a type that is known to be in their block.
Result<void> TypeBlockNotes::note(std::span<const EventRef> events) {
  for (const auto& event : events) {
    const auto block = block_number(event->seq);
    if (block_ == block && event->type == last_) continue;
    if (block_ != block) known_.clear();
    block_ = block;
    last_ = event->type;
    if (known_.insert(last_).second) EXPOSEE_TRY(note_first(last_));
  }
  return {};
}

Result<void> TypeBlockNotes::note_first(TypeNumber type) {
  return db_.query("INSERT OR IGNORE INTO type_block VALUES (?1, ?2)", type, *block_).run();
}

// The rows of type 0 say something else (migrations.cc).
Result<void> TypeBlockNotes::remove_old() {
  auto first = first_number<EventSeq>(db_.query("SELECT min(seq) FROM event"));
  if (!first) return std::move(first).error();
  const auto block = block_number(*first);
  if (block <= removed_to_) return {};
  removed_to_ = block;
  return db_
      .query("DELETE FROM type_block WHERE type IN (SELECT number FROM event_type) AND block < ?1", block)
      .run();
}

// What is known of blocks saves work and is no truth: when it is damaged, all is looked through.
Result<std::optional<TypeParts::Part>> TypeParts::next() {
  if (left_.last < left_.first) return std::optional<Part>{};
  Part all{left_, true};
  auto part = types_ ? part_at(block_number(left_.last)) : Result<Part>(all);
  if (!part && part.error().code == ErrorCode::damaged) part = all;
  if (!part) return std::move(part).error();
  left_.last = EventSeq{part->range.first.value - 1};
  return std::optional(*part);
}

Result<TypeParts::Part> TypeParts::part_at(std::uint64_t top) {
  if (!known_from_) EXPOSEE_TRY(load_known_from());
  if (top < *known_from_) return Part{left_, true};
  auto newest = newest_block(top);
  if (!newest) return std::move(newest).error();
  const bool holds = *newest == top;
  const auto first = first_event(holds ? top : *newest ? **newest + 1 : *known_from_);
  return Part{{std::max(left_.first, first), left_.last}, holds};
}

Result<void> TypeParts::load_known_from() {
  auto query = db_.query("SELECT block FROM type_block WHERE type = 0");
  const auto from = query.step() ? query.as<std::uint64_t>(0) : kNeverKnown;
  EXPOSEE_TRY(query.result());
  known_from_ = query.has_fault() ? kNeverKnown : from;
  return {};
}

// Of those in which one of the types is.
Result<std::optional<std::uint64_t>> TypeParts::newest_block(std::uint64_t upto) {
  std::optional<std::uint64_t> newest;
  for (const auto type : *types_) {
    auto query = db_.query(
        "SELECT block FROM type_block WHERE type = ?1 AND block BETWEEN ?2 AND ?3 ORDER BY block DESC LIMIT "
        "1",
        type, *known_from_, upto);
    if (query.step()) newest = std::max(newest.value_or(0), query.as<std::uint64_t>(0));
    EXPOSEE_TRY(query.result());
  }
  return newest;
}

}  // namespace exposee::store

// Walks backwards through what stands in packs: event by event, newest first, which endpoints wait for it. Reads
// a pack about once. Ends before a block in which very many endpoints wait: its events are quicker found without their
// packs, which each page of a list would read again. Part of a reader, inside its snapshot; its thread.
#pragma once

#include <optional>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/event_rows.h"
#include "store/sqlite/rows/pack_rows.h"

namespace exposee::store {

class PackedWalk {
 public:
  // `endpoint`: the one whose packs count; none: all count.
  PackedWalk(Database& db, SeqRange range, std::optional<EndpointNumber> endpoint)
      : db_(db), range_(range), endpoint_(endpoint.value_or(EndpointNumber{})), below_(range.last) {}

  // The next event; zero: no more. `cost` is raised by what was looked at.
  Result<EventSeq> next(std::int64_t& cost);
  // The endpoints in whose packs it is, descending; of the event that next() gave.
  std::vector<EndpointNumber> take();
  // Once there is no more: what is left of the block before which it has ended; nothing: it has ended for good.
  const std::optional<SeqRange>& crowded() const { return crowded_; }

 private:
  Result<bool> load_block(std::int64_t& cost);  // false: there is none
  Result<void> load_slice(std::int64_t& cost);

  Database& db_;
  const SeqRange range_;
  const EndpointNumber endpoint_;
  EventSeq below_;                // looked at down to here; this one is next
  std::optional<SeqRange> crowded_;
  std::vector<FoundPack> packs_;  // of the block that is walked
  std::vector<DeliveryKey> keys_;  // of a slice of it, ascending: taken from the back
};

}  // namespace exposee::store

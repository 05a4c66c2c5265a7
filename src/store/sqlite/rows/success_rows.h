// The success table: packs of first attempts that succeeded (success_pack.h), found by their place. A turn
// adds a row or two for each place that it touched. Part of one connection; its thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/bulk_insert.h"
#include "store/sqlite/rows/success_pack.h"

namespace exposee::store {

// Appends. The writer's.
class SuccessAppender {
 public:
  explicit SuccessAppender(Database& db) : db_(db) {}
  // Each is_plain_success(). Any order.
  Result<void> add(std::span<const AttemptRow* const> attempts);

 private:
  Result<void> write(PackPlace place);

  Database& db_;
  PackWriter pack_;
  std::vector<const AttemptRow*> sorted_;  // kept for its memory
};

// What lists need to know of a first success.
struct SuccessBrief {
  int status = 0;
  Instant started_at;
  Duration total{};
};

// Looks up first successes. Neighbours are decoded together and kept, so that a walk over events reads each
// pack about once; lives no longer than the snapshot or transaction it reads.
class SuccessIndex {
 public:
  explicit SuccessIndex(Database& db) : db_(db) {}
  Result<std::optional<SuccessBrief>> find(const DeliveryKey& key);

 private:
  struct Loaded {
    std::uint64_t events = 0;
    std::array<std::uint16_t, 1u << (2 * kPlaceBits)> at{};  // by position in the place: 1 + index; 0: none
    std::vector<SuccessBrief> briefs;
  };
  Result<void> load(PackPlace place, Loaded& loaded);

  Database& db_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Loaded>> by_endpoints_;  // the last place asked for
};

// The whole attempt, if the delivery has one here.
Result<std::optional<AttemptRow>> find_success(Database& db, const DeliveryKey& key);

// Appends the deliveries of events after `after` that have one.
Result<void> successes_after(Database& db, EventSeq after, std::vector<DeliveryKey>& keys);

// What could not be read of it was delivered, and may be delivered once more.
void tell_damaged_pack(Database& db, PackPlace place);

}  // namespace exposee::store

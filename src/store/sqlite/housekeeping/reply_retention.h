// What Store::expire() does of stored replies: removes those from before a time, so many a step. One that cannot be
// removed is told once and passed over from then on. Part of the writer; its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace exposee::store {

class ReplyRetention {
 public:
  explicit ReplyRetention(Database& db) : db_(db) {}
  // As retention.h does it.
  Result<bool> plan(Instant before, std::uint64_t limit);
  Result<void> remove();
  const Expired& done() const { return done_; }
  Result<bool> pass_over_damage();

 private:
  Database& db_;
  std::vector<std::int64_t> old_;
  Expired done_;
  std::optional<std::int64_t> removing_;
  std::set<std::int64_t> passed_over_;
};

}  // namespace exposee::store

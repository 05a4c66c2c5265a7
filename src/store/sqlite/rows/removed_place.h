// What events that retention has removed leave behind: attempts, delivery rows, and entries in the packs of
// successes of their place (success_pack.h). Of a place of which no event is left the packs go as they are;
// else each is written anew once, without what has gone. Part of the writer; its thread.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

#include "store/sqlite/database.h"
#include "store/sqlite/rows/success_pack.h"

namespace exposee::store {

class RemovedPlace {
 public:
  explicit RemovedPlace(Database& db) : db_(db) {}

  struct Step {
    std::uint64_t rows = 0;  // removed, or as much work
    bool is_over = false;    // nothing is left
  };
  // Removes about so many rows at most of what belongs to events of the place that are not there.
  Result<Step> remove(std::uint64_t events, std::uint64_t limit);
  void settle() { settled_ = next_; }  // after a commit
  void forget() { next_ = settled_; }  // after a rollback

 private:
  using There = std::bitset<1u << kPlaceBits>;
  struct Pack {
    PackPlace place;
    std::int64_t number;
    std::string bytes;
  };
  Result<There> there() const;
  Result<void> remove_rows(const There& there);
  Result<bool> has_rows() const;
  Result<void> remove_rows_of(EventSeq event);
  Result<void> remove_packs();
  Result<void> sift_packs(const There& there);
  Result<std::vector<Pack>> next_packs(std::uint64_t most) const;
  Result<void> sift(const Pack& pack, const There& there);
  EventSeq first() const { return PackPlace{events_, 0}.first_event(); }
  EventSeq last() const { return PackPlace{events_, 0}.last_event(); }
  std::uint64_t left() const { return limit_ > step_.rows ? limit_ - step_.rows : 0; }

  Database& db_;
  std::uint64_t events_ = 0, limit_ = 0;  // of the step at hand
  Step step_;
  // The packs of a place that come next, in order of (endpoints, number).
  struct Next {
    std::uint64_t events = 0, endpoints = 0;
    std::int64_t after = 0;
  };
  Next next_, settled_;
};

}  // namespace exposee::store

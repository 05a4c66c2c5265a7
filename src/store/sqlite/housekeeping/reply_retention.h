// What Store::expire() does of stored replies: removes those from before a time, by their age, so many a
// step. Each goes on where the last one ended, and begins anew once it came to the end. What cannot be read,
// of their table or of its index by age, is told once and passed over (passed_over.h). Part of the writer;
// its thread.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/housekeeping/passed_over.h"

namespace exposee::store {

class ReplyRetention {
 public:
  explicit ReplyRetention(Database& db) : db_(db) {}
  // As retention.h does it.
  Result<bool> plan(Instant before, std::uint64_t limit);
  Result<void> remove();
  const Expired& done() const { return done_; }
  Result<bool> pass_over(const Error& unread);

 private:
  // In order of both; a damaged time may be less than zero.
  struct Place {
    static constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
    std::int64_t time = kFirst, number = kFirst;  // time in microseconds
    std::uint64_t moment() const { return time < 0 ? 0 : static_cast<std::uint64_t>(time); }
  };
  Result<std::uint64_t> find(std::uint64_t end, std::uint64_t limit);
  void arrive();
  bool pass_over(PassedOver& passed, Stretch stretch, const Error& unread);
  Result<bool> is_readable(std::uint64_t time);

  Database& db_;
  Place next_, to_;  // where the next step begins; and what this one has looked at ends
  std::vector<std::int64_t> old_;
  Expired done_;
  std::optional<std::int64_t> removing_;
  std::optional<Stretch> walking_;  // what begins there cannot be read
  PassedOver numbers_, times_;
};

}  // namespace exposee::store

// Two stores that are given the same random work: all that can be read of them must be equal. The in-memory
// store is plain enough to be believed, so this is what SQLite's cleverness is held against. Every part of a
// Turn is in that work, and every call of Store and Reader in the comparison. Test code, one thread.
#pragma once

#include <map>
#include <random>
#include <set>

#include "contract/store_suite.h"

namespace exposee::contract {

constexpr std::uint64_t kEndpoints = 5;
constexpr std::uint64_t kTypes = 3;

// What the generator must know to stay within what the engine does.
struct Known {
  std::uint64_t last = 0;  // event
  std::uint64_t version = 1;
  std::int64_t clock = 1'000;
  std::map<DeliveryKey, std::uint32_t> attempts;
  std::set<DeliveryKey> rows;
  std::set<DeliveryKey> by_hand;  // never owed, so their rows are always manual
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> open;  // pattern, endpoint; since version
};

class Twins {
 public:
  explicit Twins(std::uint64_t seed);

  // One turn of random work, which is written or refused, and now and then some housekeeping or a crash.
  void turn();
  void compare_everything();

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  DeliveryKey any_key() { return key(1 + below(known_.last + 1), 1 + below(kEndpoints)); }
  Instant any_time() {
    return at(static_cast<std::int64_t>(below(static_cast<std::uint64_t>(known_.clock) + 2'000)));
  }
  std::vector<EventSeq> any_events(std::uint64_t most) {
    std::set<EventSeq> events;
    for (; most > 0; --most) events.insert(any_key().event);
    return {events.begin(), events.end()};
  }
  std::string any_name(const char* what) { return what + std::to_string(below(8)); }

  template <class Call>
  void both(Call&& call) {
    auto one = call(memory_->store());
    auto other = call(sqlite_->store());
    if constexpr (std::is_same_v<decltype(one), Result<void>>) {
      EXPECT_TRUE(one && other);
    } else {
      EXPECT_EQ(text_of(one), text_of(other));
    }
  }
  template <class Call>
  void both_readers(Call&& call) {
    EXPECT_EQ(call(*memory_reader_), call(*sqlite_reader_));
  }

  void write(TurnRows& rows);
  void end_turn(const Known& before);
  void reopen();
  // The memory store's word, before this turn.
  std::optional<DeliveryRow> find(const DeliveryKey& of) {
    return memory_->store().look({.deliveries = {of}})->deliveries.at(0);
  }
  void work();
  void add_events();
  void add_attempts();
  void put_rows();
  void change_registry();
  void put_checkpoint();
  void cancel();
  void sift();
  void end_unowed();
  void expire();
  void forget_ended();
  void add_people();
  void note_endpoints();

  void compare_writer();
  void compare_owed(std::uint64_t of_endpoint, EventSeq after);
  void compare_packs();
  void compare_deliveries();
  void compare_lists();
  DeliveryFilter any_filter();
  EventFilter any_event_filter();

  std::mt19937_64 random_;
  std::unique_ptr<StoreHarness> memory_ = memory_harness();
  std::unique_ptr<StoreHarness> sqlite_ = sqlite_harness();
  std::unique_ptr<Reader> memory_reader_ = *memory_->readers().open_reader();
  std::unique_ptr<Reader> sqlite_reader_ = *sqlite_->readers().open_reader();
  Known known_;
  TurnRows rows_;                  // of the turn that is being made
  std::uint64_t last_before_ = 0;  // the last event of those before it
  TurnMarker marker_;              // of it; each turn has another
  bool refused_ = false;           // the last one
};

}  // namespace exposee::contract

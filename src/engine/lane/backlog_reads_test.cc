// Reads of a lane's backlog that are answered later.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "engine/lane/backlog.h"

namespace exposee::engine {
namespace {

constexpr Instant kStart = from_micros(1'000'000'000);
constexpr EngineLimits kTiny{.window = 4, .stopped_window = 2, .read_step = 3, .pack_bytes = 100};

EventRef event(std::uint64_t seq) {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  e->accepted_at = kStart;
  e->body = "{}";
  return e;
}

class BacklogReads : public testing::Test {
 protected:
  // As the store says: everything is owed.
  BacklogResult result(BacklogRead read, std::vector<std::uint64_t> pack = {}) {
    BacklogResult result{.read = std::move(read), .is_read = true};
    for (const auto seq : pack) result.read.events.push_back(EventSeq{seq});
    for (const auto seq : result.read.events) {
      if (result.page->looked_at == result.read.most_events) break;
      result.page->events.push_back(event(seq.value));
      ++result.page->looked_at;
    }
    return result;
  }
  void take(BacklogResult&& result) {
    backlog_.take(result);
    const auto read = result.page->looked_at;
    backlog_.refill(read, *std::move(result.page));
  }
  std::string window() {
    std::string text;
    while (!backlog_.empty()) text += std::to_string(backlog_.pop()->seq.value) + " ";
    return text;
  }
  void number(std::uint64_t from, std::uint64_t to) {
    for (; from <= to; ++from) backlog_.push_number(EventSeq{from}, kStart);
  }

  Backlog backlog_{kTiny};
};

TEST_F(BacklogReads, BringNoMoreThanWasAskedFor) {
  number(1, 5);
  auto more = result(*backlog_.ask(3));
  more.page->events.push_back(event(4));
  EXPECT_DEATH(take(std::move(more)), "no more is read back than was asked for");
}

TEST_F(BacklogReads, AreAskedForOnceAndComeInOrder) {
  number(1, 5);
  auto read = backlog_.ask(3);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->events, (std::vector{EventSeq{1}, EventSeq{2}, EventSeq{3}}));
  EXPECT_TRUE(backlog_.is_reading());
  EXPECT_FALSE(backlog_.ask(3)) << "it is being read";
  number(6, 6);
  take(result(*std::move(read)));
  EXPECT_EQ(window(), "1 2 3 ");
  take(result(*backlog_.ask(9)));
  EXPECT_EQ(window(), "4 5 ");
  take(result(*backlog_.ask(9)));
  EXPECT_EQ(window(), "6 ") << "it came while the others were read";
  EXPECT_FALSE(backlog_.ask(3)) << "nothing is left";
}

TEST_F(BacklogReads, OfAPackBringItsNumbersToo) {
  backlog_.resume({EventSeq{1}, EventSeq{9}, 4});
  auto read = backlog_.ask(3);
  ASSERT_TRUE(read && read->pack);
  EXPECT_EQ(read->pack->first, EventSeq{1});
  EXPECT_EQ(read->pack->last, EventSeq{9});
  take(result(*std::move(read), {1, 4, 6, 9}));
  EXPECT_EQ(window(), "1 4 6 ");
  EXPECT_EQ(backlog_.numbered(), 1u);
}

TEST_F(BacklogReads, OfAPackThatNamesNothingAnyMoreAreOverAllTheSame) {
  backlog_.resume({EventSeq{1}, EventSeq{9}, 4});
  take(result(*backlog_.ask(3), {}));
  EXPECT_FALSE(backlog_.has_beyond());
}

TEST_F(BacklogReads, BringNothingThatWasAttemptedByHandMeanwhile) {
  struct Case {
    const char* story;
    std::uint64_t by_hand;
    const char* window;
    std::uint64_t numbered;
  };
  for (const bool packed : {false, true}) {
    for (const auto& c : {Case{"the first", 1, "2 3 ", 2}, Case{"the last of them", 3, "1 2 ", 2},
                          Case{"one that is not read yet", 5, "1 2 3 ", 1}}) {
      backlog_.clear();
      packed ? backlog_.resume({EventSeq{1}, EventSeq{5}, 5}) : number(1, 5);
      auto late = result(*backlog_.ask(3),
                         packed ? std::vector<std::uint64_t>{1, 2, 3, 4, 5} : std::vector<std::uint64_t>{});
      EXPECT_TRUE(backlog_.remove(EventSeq{c.by_hand})) << c.story;
      take(std::move(late));
      EXPECT_EQ(window(), c.window) << c.story << (packed ? ", of a pack" : "");
      EXPECT_EQ(backlog_.numbered(), c.numbered) << c.story << (packed ? ", of a pack" : "");
    }
  }
}

TEST_F(BacklogReads, AreVoidOnceTheLaneBeginsAnew) {
  number(1, 5);
  const auto read = *backlog_.ask(3);
  backlog_.clear();
  EXPECT_FALSE(backlog_.is_reading());
  EXPECT_NE(backlog_.life(), read.life);
}

TEST_F(BacklogReads, ThatFailAreAskedForAgain) {
  number(1, 5);
  const auto read = *backlog_.ask(3);
  backlog_.end_read();
  EXPECT_EQ(backlog_.ask(3)->events, read.events);
}

TEST_F(BacklogReads, KeepTheirNumbersFromBeingPackedAnew) {
  number(1, 5);
  auto read = *backlog_.ask(3);
  const Backlog::Situation stopped{.in_flight = {}, .stopped = true, .now = kStart};
  EXPECT_FALSE(backlog_.plan(stopped)) << "a stopped lane gives up its numbers, but not those";
  take(result(std::move(read)));
  EXPECT_TRUE(backlog_.plan(stopped));
}

}  // namespace
}  // namespace exposee::engine

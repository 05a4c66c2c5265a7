#include "engine/lane/retry_window.h"

#include <gtest/gtest.h>

namespace exposee::engine {
namespace {

DeliveryRow pending(std::uint64_t seq, std::int64_t due) {
  return {.key = {EventSeq{seq}, EndpointNumber{1}}, .attempts = 1, .due = from_micros(due)};
}

TEST(RetryWindow, GivesBackOnlyWhatIsDueSoonestFirst) {
  RetryWindow window;
  window.add(pending(1, 300));
  window.add(pending(2, 100));
  EXPECT_EQ(window.next_due(), from_micros(100));
  EXPECT_FALSE(window.pop_due(from_micros(99)));
  EXPECT_EQ(window.pop_due(from_micros(100))->key.event, EventSeq{2});
  EXPECT_FALSE(window.pop_due(from_micros(299)));
}

TEST(RetryWindow, KeepsTheSoonestAndLeavesTheRestToTheStore) {
  RetryWindow window;
  for (std::uint64_t n = 1; n <= kRetryWindow + 10; ++n) window.add(pending(n, static_cast<std::int64_t>(n)));
  EXPECT_EQ(window.size(), kRetryWindow);
  EXPECT_TRUE(window.has_more());
  EXPECT_EQ(window.horizon().second, EventSeq{kRetryWindow});
  window.add(pending(9'999, 9'999));
  EXPECT_EQ(window.size(), kRetryWindow) << "beyond the horizon it stays in the store";
  window.add(pending(10'000, 0));
  EXPECT_EQ(window.next_due(), from_micros(0));
}

TEST(RetryWindow, AfterAStartItTakesFromTheStoreFirst) {
  RetryWindow window;
  window.expect_more();
  window.add(pending(1, 50));
  EXPECT_TRUE(window.empty()) << "it is in the store and comes with the first refill";
  const std::vector<DeliveryRow> rows{pending(1, 50), pending(2, 60)};
  window.refill(rows);
  EXPECT_EQ(window.size(), 2u);
  EXPECT_FALSE(window.has_more());
}

TEST(RetryWindow, DoesNotReadBackWhatIsUnderWay) {
  RetryWindow window;
  for (std::uint64_t n = 1; n <= 40; ++n) {
    window.add(pending(n, static_cast<std::int64_t>(n)));
    ASSERT_TRUE(window.pop_due(from_micros(1'000)));
  }
  window.expect_more();
  std::vector<DeliveryRow> stored;
  for (std::uint64_t n = 1; n <= 50; ++n) stored.push_back(pending(n, static_cast<std::int64_t>(n)));
  window.settled(EventSeq{7});
  window.refill(stored);
  EXPECT_EQ(window.size(), 11u) << "the ten after them, and the one that is settled";
  EXPECT_EQ(window.next_event(), EventSeq{7});
  window.add(pending(3, 3));
  EXPECT_EQ(window.next_event(), EventSeq{3}) << "one that comes back is there again";
}

TEST(RetryWindow, ForgetsARowThatWasReplaced) {
  RetryWindow window;
  window.add(pending(1, 500));
  EXPECT_TRUE(window.remove(EventSeq{1}));
  EXPECT_TRUE(window.empty());
  EXPECT_FALSE(window.remove(EventSeq{1}));
}

}  // namespace
}  // namespace exposee::engine

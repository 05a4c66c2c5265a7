#include "net/loop/requests.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

namespace exposee::net {
namespace {

// How often it rang since the last look.
unsigned rings(const Requests& requests) {
  eventfd_t count = 0;
  return ::eventfd_read(requests.fd(), &count) == 0 ? static_cast<unsigned>(count) : 0;
}

TEST(Requests, AreTakenOnceEachKindByItself) {
  Requests requests;
  requests.ask(Requests::kWoken);
  requests.ask(Requests::kTasks);
  EXPECT_TRUE(requests.asked(Requests::kTasks));
  EXPECT_EQ(requests.take(Requests::kWoken), unsigned{Requests::kWoken});
  EXPECT_EQ(requests.take(Requests::kWoken | Requests::kTasks), unsigned{Requests::kTasks});
  EXPECT_EQ(requests.take(Requests::kWoken | Requests::kTasks), 0u);
}

TEST(Requests, CostNoSystemCallWhileTheThreadIsAwake) {
  Requests requests;
  requests.ask(Requests::kWoken);
  requests.take(Requests::kWoken);
  EXPECT_TRUE(requests.fall_asleep());
  requests.awake();
  requests.ask(Requests::kTasks);
  EXPECT_EQ(rings(requests), 0u);
}

TEST(Requests, WakeASleeperOnceHoweverManyAsk) {
  Requests requests;
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(requests.fall_asleep());
    requests.ask(Requests::kWoken);
    requests.ask(Requests::kWoken);
    requests.ask(Requests::kTasks);
    EXPECT_EQ(rings(requests), 1u);
    requests.awake();
    requests.take(Requests::kWoken | Requests::kTasks);
  }
}

TEST(Requests, ThatCameBeforeKeepTheThreadAwakeAndNeedNoRing) {
  Requests requests;
  requests.ask(Requests::kWoken);
  EXPECT_FALSE(requests.fall_asleep());
  requests.ask(Requests::kTasks);
  EXPECT_EQ(rings(requests), 0u);
  requests.awake();
  EXPECT_EQ(requests.take(Requests::kWoken | Requests::kTasks),
            unsigned{Requests::kWoken | Requests::kTasks});
}

TEST(Requests, ToStopStay) {
  Requests requests;
  ASSERT_TRUE(requests.fall_asleep());
  requests.ask(Requests::kStop);
  EXPECT_EQ(rings(requests), 1u);
  requests.awake();
  requests.take(Requests::kWoken | Requests::kTasks);
  EXPECT_TRUE(requests.asked(Requests::kStop));
  EXPECT_FALSE(requests.fall_asleep());
}

}  // namespace
}  // namespace exposee::net

#include "api/wire/read_pool.h"

#include <gtest/gtest.h>

#include <future>

#include "fakes/counting_random.h"
#include "fakes/manual_clock.h"
#include "fakes/stepped_engine.h"

namespace exposee::api {
namespace {

class ReadPoolTest : public testing::Test {
 protected:
  fakes::ManualClock clock;
  fakes::CountingRandom random;
  fakes::SteppedEngine source{clock, random};
};

TEST_F(ReadPoolTest, JobsGetAReader) {
  ReadPool pool(source, 2, 8);
  std::promise<bool> had_reader;
  ASSERT_TRUE(pool.submit([&](Reader* reader) { had_reader.set_value(reader != nullptr); }));
  EXPECT_TRUE(had_reader.get_future().get());
}

TEST_F(ReadPoolTest, JobsAreToldWhenTheStoreIsAway) {
  source.read_faults.away = true;
  ReadPool pool(source, 1, 8);
  std::promise<bool> had_reader;
  ASSERT_TRUE(pool.submit([&](Reader* reader) { had_reader.set_value(reader != nullptr); }));
  EXPECT_FALSE(had_reader.get_future().get());
}

TEST_F(ReadPoolTest, OverItsBoundAJobIsRefusedAndThoseQueuedEndWithoutAReader) {
  std::promise<void> busy, go_on;
  int ended = 0;
  {
    ReadPool pool(source, 1, 2);
    ASSERT_TRUE(pool.submit([&](Reader*) {
      busy.set_value();
      go_on.get_future().wait();
    }));
    busy.get_future().wait();
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.submit([&](Reader*) { ++ended; }));
    EXPECT_FALSE(pool.submit([&](Reader*) { ++ended; }));
    go_on.set_value();
  }
  EXPECT_EQ(ended, 2);
}

TEST_F(ReadPoolTest, HeavyJobsLeaveAThreadToLightOnes) {
  std::promise<void> busy, go_on, second;
  ReadPool pool(source, 2, 8);
  ASSERT_TRUE(pool.submit(
      [&](Reader*) {
        busy.set_value();
        go_on.get_future().wait();
      },
      Weight::heavy));
  busy.get_future().wait();
  ASSERT_TRUE(pool.submit([&](Reader*) { second.set_value(); }, Weight::heavy));
  std::promise<void> light;
  ASSERT_TRUE(pool.submit([&](Reader*) { light.set_value(); }));
  light.get_future().wait();
  auto second_ended = second.get_future();
  EXPECT_EQ(second_ended.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  go_on.set_value();
  second_ended.wait();
}

TEST_F(ReadPoolTest, WhatIsFinishedIsNotRefusedByAFullQueue) {
  std::promise<void> busy, go_on;
  int ended = 0;
  {
    ReadPool pool(source, 1, 0);
    EXPECT_FALSE(pool.submit([&](Reader*) { ++ended; }));
    ASSERT_TRUE(pool.finish([&](Reader*) { ++ended; }, Weight::heavy));
    ASSERT_TRUE(pool.finish([&](Reader*) { busy.set_value(); }, Weight::light));
    busy.get_future().wait();
  }
  EXPECT_EQ(ended, 1);
}

TEST_F(ReadPoolTest, FurtherStepsTakeTurnsWithNewJobsAndNoPlaceInTheirQueue) {
  std::promise<void> busy, go_on, all;
  std::string order;
  const auto noting = [&](char name) {
    return [&, name](Reader*) {
      order += name;
      if (order.size() == 5) all.set_value();
    };
  };
  ReadPool pool(source, 1, 2);
  ASSERT_TRUE(pool.submit([&](Reader*) {
    busy.set_value();
    go_on.get_future().wait();
  }));
  busy.get_future().wait();
  for (const char step : {'1', '2', '3'}) ASSERT_TRUE(pool.finish(noting(step), Weight::light));
  for (const char fresh : {'a', 'b'}) ASSERT_TRUE(pool.submit(noting(fresh)));
  go_on.set_value();
  all.get_future().wait();
  EXPECT_EQ(order, "1a2b3");
}

}  // namespace
}  // namespace exposee::api

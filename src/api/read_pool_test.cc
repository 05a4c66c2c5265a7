#include "api/read_pool.h"

#include <gtest/gtest.h>

#include <future>

#include "fakes/counting_random.h"
#include "fakes/manual_clock.h"
#include "fakes/memory_engine.h"

namespace exposee::api {
namespace {

class ReadPoolTest : public testing::Test {
 protected:
  fakes::ManualClock clock;
  fakes::CountingRandom random;
  fakes::MemoryEngine source{clock, random};
};

TEST_F(ReadPoolTest, JobsGetAReader) {
  ReadPool pool(source, 2, 8);
  std::promise<bool> had_reader;
  ASSERT_TRUE(pool.submit([&](Reader* reader) { had_reader.set_value(reader != nullptr); }));
  EXPECT_TRUE(had_reader.get_future().get());
}

TEST_F(ReadPoolTest, JobsAreToldWhenTheStoreIsAway) {
  source.lose_readers();
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

}  // namespace
}  // namespace exposee::api

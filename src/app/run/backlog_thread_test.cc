#include "app/run/backlog_thread.h"

#include <gtest/gtest.h>

#include <future>

#include "fakes/memory_reader.h"

namespace exposee::app {
namespace {

class Sink final : public BacklogSink {
 public:
  void backlog_read(BacklogResults&& results) override { told.set_value(std::move(results)); }
  std::promise<BacklogResults> told;
};

BacklogReads reads_of(std::uint64_t endpoint) {
  BacklogReads reads{.max_bytes = 1'000};
  reads.windows.push_back({.endpoint = EndpointNumber{endpoint},
                           .life = 7,
                           .events = {EventSeq{1}},
                           .most_events = 1,
                           .max_bytes = 1'000});
  return reads;
}

TEST(BacklogThread, AnswersEachWhoAsksWithWhatWasAsked) {
  BacklogThread thread(std::make_unique<fakes::MemoryReader>(std::make_shared<fakes::MemoryDisk>()));
  Sink one, two;
  thread.read(reads_of(1), one);
  thread.read(reads_of(2), two);
  for (const auto& [sink, endpoint] : {std::pair{&one, 1u}, std::pair{&two, 2u}}) {
    const auto results = sink->told.get_future().get().windows;
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(results[0].read.endpoint, EndpointNumber{endpoint});
    EXPECT_EQ(results[0].read.life, 7u);
    EXPECT_TRUE(results[0].is_read && results[0].page);
  }
}

TEST(BacklogThread, EndsWithReadsLeftAndTellsNobodyAfterwards) {
  Sink sink;
  BacklogThread thread(std::make_unique<fakes::MemoryReader>(std::make_shared<fakes::MemoryDisk>()));
  thread.stop();
  thread.read(reads_of(1), sink);
  EXPECT_EQ(sink.told.get_future().wait_for(std::chrono::seconds{0}), std::future_status::timeout);
}

}  // namespace
}  // namespace exposee::app

// What is asked for in one turn, of many lanes at once.
#include "engine/dispatch/refills.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/test_reads.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"

namespace exposee::engine {
namespace {

constexpr std::uint64_t kLanes = 6;

class RefillsTest : public testing::Test {
 protected:
  RefillsTest() {
    settings_.limits.read_step = 8;
    settings_.limits.reads_per_turn = 20;
    dispatcher_.take_up(ShardSet::all(), now_);
    registry_.load(endpoints_of_one_type(kLanes));
    for (const auto& state : registry_.all()) dispatcher_.sync(state, false, now_);
    dispatcher_.read_through(reader_, sink_);
  }
  // The lane's next pack, of so many events.
  void pack(std::uint64_t lane, std::uint32_t owed) {
    dispatcher_.resume_pack({{EndpointNumber{lane}, EventSeq{1}}, EventSeq{1'000}, owed});
  }
  void turn() {
    std::vector<SendJob> jobs;
    ASSERT_TRUE(dispatcher_.dispatch(now_, now_, jobs, ended_));
  }
  // What was asked for last: "1:8 2:8 ", lanes and how many events.
  std::string asked() const {
    std::string text;
    if (reader_.asked.empty()) return text;
    for (const auto& read : reader_.asked.back().windows)
      text += std::to_string(read.endpoint.value) + ":" + std::to_string(read.most_events) + " ";
    return text;
  }
  // The result of it: of the first `read` lanes that nothing is owed any more, the others were not reached.
  void result(std::size_t read) {
    BacklogResults all;
    auto& results = all.windows;
    for (auto& each : reader_.asked.back().windows) {
      const bool is_read = results.size() < read;
      results.push_back({.read = std::move(each), .is_read = is_read});
    }
    dispatcher_.take_in(all, now_, ended_);
  }

  EngineSettings settings_;
  fakes::MemoryStore store_;
  fakes::QuietObserver observer_;
  PatientReader reader_;
  NoSink sink_;
  std::vector<DeliveryRow> ended_;
  Instant now_ = from_micros(1'700'000'000'000'000);
  Registry registry_;
  Dispatcher dispatcher_{settings_, registry_, store_, observer_};
};

TEST_F(RefillsTest, ATurnAsksForNoMoreThanItMay) {
  for (std::uint64_t lane = 1; lane <= kLanes; ++lane) pack(lane, 100);
  turn();
  EXPECT_EQ(asked(), "1:8 2:8 3:4 ");
}

TEST_F(RefillsTest, ALaneSpendsWhatItsPackOwesAndLeavesTheRestToOthers) {
  for (std::uint64_t lane = 1; lane < kLanes; ++lane) pack(lane, 2);
  pack(kLanes, 100);
  turn();
  EXPECT_EQ(asked(), "1:2 2:2 3:2 4:2 5:2 6:8 ");
}

TEST_F(RefillsTest, APackOfWhichNothingIsKnownToBeOwedIsReadAllTheSame) {
  pack(1, 0);
  turn();
  EXPECT_EQ(asked(), "1:1 ");
}

TEST_F(RefillsTest, NothingElseIsAskedForBeforeTheAnswer) {
  pack(1, 100);
  turn();
  pack(2, 100);
  turn();
  EXPECT_EQ(reader_.asked.size(), 1u);
  EXPECT_FALSE(dispatcher_.has_ready()) << "the engine rests meanwhile";
  result(1);
  EXPECT_TRUE(dispatcher_.has_ready());
  turn();
  EXPECT_EQ(asked(), "2:8 ");
}

TEST_F(RefillsTest, WhoWasNotReachedIsAskedForBeforeTheOthers) {
  for (std::uint64_t lane = 1; lane <= kLanes; ++lane) pack(lane, 100);
  turn();
  ASSERT_EQ(asked(), "1:8 2:8 3:4 ");
  result(1);
  turn();
  EXPECT_EQ(asked(), "4:8 5:8 6:4 ") << "they stood in line already";
  result(3);
  turn();
  EXPECT_EQ(asked(), "2:8 3:8 ");
}

TEST_F(RefillsTest, AnswersThatWereNotReachedComeFirstInTheirOrder) {
  auto event = std::make_shared<Event>();
  event->seq = first_seq(1);
  event->type = TypeNumber{1};
  event->version = RegistryVersion{1};
  event->body = "{}";
  const std::vector<EventRef> events{event};
  RegistryChanges changes{.version = RegistryVersion{1}, .types = registry_.types()};
  BacklogReads reads{.max_bytes = 1};
  for (std::uint64_t lane = 1; lane <= 3; ++lane) {
    const EndpointNumber number{lane};
    changes.endpoints.push_back(registry_.find(number)->endpoint);
    changes.subscriptions.push_back({"user_registered", number, RegistryVersion{1}, {}});
    reads.windows.push_back({.endpoint = number, .events = {event->seq}, .most_events = 1, .max_bytes = 9});
  }
  ASSERT_TRUE(store_.write({.events = events, .registry = &changes}));
  std::string order;
  for (const auto& each : exposee::carry_out(store_, std::move(reads)).windows)
    order += std::to_string(each.read.endpoint.value) + (each.is_read ? "! " : " ");
  EXPECT_EQ(order, "2 3 1! ");
}

}  // namespace
}  // namespace exposee::engine

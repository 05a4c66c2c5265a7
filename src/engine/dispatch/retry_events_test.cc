// What is asked for of retries, rows and then events, and what becomes of the results.
#include "engine/dispatch/retry_events.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/test_reads.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kLanes = 4;

class RetryReads : public testing::Test {
 protected:
  explicit RetryReads(EngineLimits limits = {.retry_events = 8, .retries_per_turn = 20}) {
    settings_.limits = limits;
    settings_.max_in_flight_per_endpoint = 1;
    dispatcher_.take_up(ShardSet::all(), now_);
    registry_.load(endpoints_of_one_type(kLanes));
    for (const auto& state : registry_.all()) dispatcher_.sync(state, false, now_);
    dispatcher_.read_through(reader_, sink_);
  }
  void turn() {
    jobs_.clear();
    ASSERT_TRUE(dispatcher_.dispatch(now_, now_, jobs_, ended_));
  }
  // After a start: the lane has so many rows, which the store gives when it is asked for them.
  void pending(std::uint64_t lane, std::uint64_t count) {
    dispatcher_.resume_pending({.endpoint = EndpointNumber{lane}, .count = count, .first_due = now_});
  }
  // The result of what was asked for last: of each lane so many rows, of events 1, 2, ..., the first `due` of
  // which are.
  void answer_rows(std::uint64_t count, std::uint64_t due) {
    BacklogResults results;
    for (auto& read : reader_.asked.back().rows) {
      std::vector<DeliveryRow> rows;
      for (std::uint64_t seq = 1; seq <= count; ++seq)
        rows.push_back(
            {.key = {EventSeq{seq}, read.endpoint}, .attempts = 1, .due = now_ + (seq > due ? 1h : 0h)});
      results.rows.push_back({.read = read, .is_read = true, .rows = std::move(rows)});
    }
    dispatcher_.take_in(results, now_, ended_);
  }
  EventRef event(EventSeq seq) const {
    auto event = std::make_shared<Event>();
    event->seq = seq;
    event->type = TypeNumber{1};
    event->version = RegistryVersion{1};
    event->body = std::string(body_, 'x');
    return event;
  }
  void answer_events() {
    BacklogResults results;
    for (auto& read : reader_.asked.back().events) {
      EventsRead found{.looked_at = read.events.size()};
      for (const auto seq : read.events) {
        if (seq != gone_) found.events.push_back(event(seq));
      }
      results.events.push_back({.read = read, .is_read = true, .found = std::move(found)});
    }
    dispatcher_.take_in(results, now_, ended_);
  }
  void fail_events() {
    BacklogResults results;
    for (auto& read : reader_.asked.back().events)
      results.events.push_back(
          {.read = read, .is_read = true, .found = Error{ErrorCode::unavailable, "the disk cannot", {}}});
    dispatcher_.take_in(results, now_, ended_);
  }
  // "1:8 2:8 ": lanes and how many events were asked for last.
  std::string asked_events() const {
    std::string text;
    for (const auto& read : reader_.asked.back().events)
      text += std::to_string(read.endpoint.value) + ":" + std::to_string(read.events.size()) + " ";
    return text;
  }

  EngineSettings settings_;
  fakes::MemoryStore store_;
  fakes::QuietObserver observer_;
  PatientReader reader_;
  NoSink sink_;
  std::vector<SendJob> jobs_;
  std::vector<DeliveryRow> ended_;
  std::size_t body_ = 10;
  EventSeq gone_;
  Instant now_ = from_micros(1'700'000'000'000'000);
  Registry registry_;
  Dispatcher dispatcher_{settings_, registry_, store_, observer_};
};

TEST_F(RetryReads, RowsOfAllLanesAreAskedForAtOnceAndNotAgainBeforeTheAnswer) {
  for (std::uint64_t lane = 1; lane < kLanes; ++lane) pending(lane, 2);
  turn();
  ASSERT_EQ(reader_.asked.size(), 1u);
  EXPECT_EQ(reader_.asked[0].rows.size(), 3u);
  pending(kLanes, 2);
  turn();
  EXPECT_EQ(reader_.asked.size(), 1u);
  EXPECT_FALSE(dispatcher_.has_ready()) << "the engine rests meanwhile";
  answer_rows(2, 0);
  turn();
  ASSERT_EQ(reader_.asked.size(), 2u);
  EXPECT_EQ(reader_.asked[1].rows.size(), 1u);
}

TEST_F(RetryReads, EventsAreAskedForOnceTheirRetriesAreDueAndComeBeforeThese) {
  pending(1, 3);
  turn();
  answer_rows(3, 2);
  turn();
  EXPECT_EQ(asked_events(), "1:2 ");
  EXPECT_TRUE(jobs_.empty());
  EXPECT_EQ(dispatcher_.flights(), 0u) << "none takes a place before";
  answer_events();
  turn();
  ASSERT_EQ(jobs_.size(), 1u) << "one at a time";
  EXPECT_EQ(jobs_[0].event->seq, EventSeq{1});
  EXPECT_EQ(jobs_[0].attempt, 2u);
  EXPECT_EQ(reader_.asked.size(), 2u);
}

TEST_F(RetryReads, ATurnAsksForNoMoreEventsThanItMay) {
  for (std::uint64_t lane = 1; lane <= kLanes; ++lane) pending(lane, 50);
  turn();
  answer_rows(50, 50);
  turn();
  EXPECT_EQ(asked_events(), "1:8 2:8 3:4 ");
  answer_events();
  turn();
  EXPECT_EQ(asked_events(), "4:8 ") << "the third has some, and goes on with them";
}

TEST_F(RetryReads, WhatIsOwedNoMoreEnds) {
  gone_ = EventSeq{2};
  pending(1, 2);
  turn();
  answer_rows(2, 2);
  turn();
  ASSERT_EQ(dispatcher_.owed(), 2u);
  answer_events();
  ASSERT_EQ(ended_.size(), 1u);
  EXPECT_EQ(ended_[0].key.event, gone_);
  EXPECT_EQ(ended_[0].status, DeliveryStatus::exhausted);
  EXPECT_EQ(dispatcher_.owed(), 1u);
}

TEST_F(RetryReads, WhatCannotBeReadIsAskedForAgainAfterAWhile) {
  pending(1, 2);
  turn();
  answer_rows(2, 2);
  turn();
  for (const auto wait : {1s, 2s, 4s}) {
    const auto before = reader_.asked.size();
    fail_events();
    turn();
    now_ += wait - 1ms;
    turn();
    EXPECT_EQ(reader_.asked.size(), before);
    now_ += 1ms;
    turn();
    EXPECT_EQ(reader_.asked.size(), before + 1);
  }
  EXPECT_EQ(observer_.troubles.size(), 1u) << "told once";
  answer_events();
  turn();
  EXPECT_EQ(jobs_.size(), 1u);
}

TEST_F(RetryReads, WhatWasSetAsideIsNotAttemptedAgainThoughItsRowIsReadAgain) {
  pending(1, 3);
  turn();
  answer_rows(3, 3);
  turn();
  answer_events();
  turn();
  ASSERT_EQ(jobs_.size(), 1u);
  auto flight = dispatcher_.land(jobs_[0].ticket, {.kind = VerdictKind::success}, 1ms, now_, 0.5);
  ASSERT_EQ(flight.key().event, EventSeq{1});
  dispatcher_.settled({.key = flight.key(), .row = flight.row, .event = flight.event, .set_aside = true});
  const auto& lane = *dispatcher_.find_lane(EndpointNumber{1});
  ASSERT_EQ(lane.set_aside.size(), 1u);
  dispatcher_.resume_pending({.endpoint = lane.number, .count = 0, .first_due = now_});
  turn();
  answer_rows(3, 3);
  EXPECT_EQ(lane.retries.size() + lane.flights.open(), 2u);
  EXPECT_EQ(dispatcher_.owed(), 3u);
}

class FewBodies : public RetryReads {
 protected:
  FewBodies()
      : RetryReads({.body_bytes = 100, .least_share_bytes = 50, .retry_events = 8, .retries_per_turn = 100}) {
  }
};

TEST_F(FewBodies, WhatIsAskedForCountsAsIfItWereThere) {
  for (std::uint64_t lane = 1; lane <= kLanes; ++lane) pending(lane, 8);
  turn();
  answer_rows(8, 8);
  turn();
  const auto& reads = reader_.asked.back().events;
  ASSERT_EQ(reads.size(), kLanes);
  EXPECT_EQ(reads[0].max_bytes, 100u);
  for (std::size_t n = 1; n < kLanes; ++n) EXPECT_EQ(reads[n].max_bytes, 50u) << "its share";
}

TEST_F(FewBodies, OfALaneThatHasItsShareLaterOnesMakeRoomForTheFirst) {
  body_ = 60;
  pending(1, 8);
  turn();
  answer_rows(8, 8);
  turn();
  answer_events();  // all of them: the reader was asked for less
  const auto* lane = dispatcher_.find_lane(EndpointNumber{1});
  ASSERT_EQ(lane->retries.held(), 8u);
  turn();
  ASSERT_EQ(jobs_.size(), 1u);
  const DeliveryRow urgent{
      .key = {EventSeq{99}, lane->number}, .attempts = 1, .manual = true, .due = now_, .asked = true};
  dispatcher_.retried(urgent, true);
  turn();
  EXPECT_EQ(asked_events(), "1:8 ");
  EXPECT_EQ(reader_.asked.back().events[0].events.front(), EventSeq{99});
  EXPECT_EQ(lane->retries.held(), 0u);
}

}  // namespace
}  // namespace exposee::engine

#include "engine/dispatch/flights.h"

#include <gtest/gtest.h>

#include <set>

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart = from_micros(1'000'000);

EventRef event(std::uint64_t seq) {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  return e;
}

Flight first(std::uint64_t seq) {
  return {.event = event(seq), .endpoint = EndpointNumber{1}};
}

Flight retry(std::uint64_t seq) {
  return {.endpoint = EndpointNumber{1},
          .row = DeliveryRow{.key = {EventSeq{seq}, EndpointNumber{1}}, .attempts = 1, .due = kStart},
          .attempt = 2};
}

class FlightsTest : public testing::Test {
 protected:
  FlightsTest() {
    lane_.gate.set_open(true, kStart);
    lane_.pace.set_limit(100, 100);
  }
  std::uint64_t begin(Flight flight) { return flights_.begin(lane_, std::move(flight), kStart); }

  Flights flights_{4, 4};
  Lane lane_{EndpointNumber{1}};
};

TEST_F(FlightsTest, GivesEachAttemptATicketOfItsOwn) {
  std::set<std::uint64_t> tickets;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const auto ticket = begin(first(i));
    EXPECT_TRUE(tickets.insert(ticket).second) << "a slot is used again, a ticket never";
    Flight landed;
    EXPECT_EQ(&flights_.land(ticket, landed), &lane_);
    EXPECT_EQ(landed.event->seq, EventSeq{i});
  }
}

TEST_F(FlightsTest, CountsThemForAllAndForTheLane) {
  const auto a = begin(first(1)), b = begin(first(2));
  begin(retry(3));
  EXPECT_EQ(flights_.count(), 3u);
  EXPECT_EQ(lane_.flights.in_flight(), 3u);
  EXPECT_FALSE(flights_.is_full());
  begin(first(4));
  EXPECT_TRUE(flights_.is_full());
  EXPECT_EQ(flights_.occupancy().free, 0u);
  Flight landed;
  flights_.land(a, landed);
  flights_.land(b, landed);
  EXPECT_EQ(flights_.count(), 2u);
  EXPECT_EQ(lane_.flights.in_flight(), 2u);
}

TEST_F(FlightsTest, NeverBeginsMoreThanMayBeUnderWay) {
  for (std::uint64_t i = 1; i <= 4; ++i) begin(first(i));
  EXPECT_DEATH(begin(first(5)), "no more are under way at all endpoints together than may be");
}

TEST_F(FlightsTest, FindsThemByEventHoweverManyLandedBefore) {
  std::vector<std::uint64_t> tickets;
  for (std::uint64_t i = 1; i <= 3; ++i) tickets.push_back(begin(first(i)));
  begin(retry(4));
  Flight landed;
  flights_.land(tickets[0], landed);
  EXPECT_EQ(flights_.find(lane_, EventSeq{1}), nullptr);
  for (const std::uint64_t seq : {2, 3, 4}) EXPECT_NE(flights_.find(lane_, EventSeq{seq}), nullptr) << seq;
}

TEST_F(FlightsTest, FindsWhatHasBegunAndNoMoreWhatHasEndedSinceTheLastLook) {
  EXPECT_EQ(flights_.find(lane_, EventSeq{1}), nullptr);
  const auto ticket = begin(first(1));
  ASSERT_NE(flights_.find(lane_, EventSeq{1}), nullptr);
  Flight landed;
  flights_.land(ticket, landed);
  EXPECT_EQ(flights_.find(lane_, EventSeq{1}), nullptr);
  begin(retry(1));
  ASSERT_NE(flights_.find(lane_, EventSeq{1}), nullptr);
  EXPECT_EQ(flights_.find(lane_, EventSeq{1})->attempt, 2u);
}

TEST_F(FlightsTest, KnowsWhichAreFirstAttempts) {
  begin(first(1));
  begin(retry(2));
  std::vector<std::uint64_t> seqs;
  flights_.each_first_attempt(lane_, [&](const Event& e) { seqs.push_back(e.seq.value); });
  EXPECT_EQ(seqs, std::vector<std::uint64_t>{1});
}

TEST_F(FlightsTest, AreCutOffWithTheirEndpointButForWhatIsAskedForAfterwards) {
  begin(first(1));
  begin(first(2));
  flights_.cut_off(lane_);
  EXPECT_TRUE(
      flights_.retry(lane_, {.key = {EventSeq{2}, EndpointNumber{1}}, .manual = true, .due = kStart}));
  EXPECT_FALSE(flights_.retry(lane_, {.key = {EventSeq{3}, EndpointNumber{1}}, .due = kStart}));
  EXPECT_TRUE(flights_.find(lane_, EventSeq{1})->cut_off);
  EXPECT_FALSE(flights_.find(lane_, EventSeq{2})->cut_off);
}

TEST_F(FlightsTest, CountNoLongerAsFastOnceTheyAreNotAnsweredSoon) {
  for (std::uint64_t i = 1; i <= 4; ++i) begin(first(i));
  EXPECT_TRUE(flights_.occupancy().fast_full);
  EXPECT_EQ(flights_.ages_at(), kStart + kLongestFastFlight);
  int told = 0;
  flights_.age(kStart + kLongestFastFlight, [&](Lane& lane) { told += &lane == &lane_; });
  EXPECT_EQ(told, 4);
  EXPECT_FALSE(flights_.occupancy().fast_full);
  EXPECT_EQ(flights_.count(), 4u) << "they are under way all the same";
}

TEST_F(FlightsTest, KeepTheirReceiverFromPassingForFastAsLongAsOneIsOverdue) {
  const auto a = begin(first(1)), b = begin(first(2));
  flights_.age(kStart + kLongestFastFlight, [](Lane&) {});
  begin(first(3));
  EXPECT_FALSE(flights_.occupancy().fast_dense);
  EXPECT_EQ(flights_.ages_at(), kStart + kLongestFastFlight) << "watched like any other";
  Flight landed;
  flights_.land(a, landed);
  EXPECT_FALSE(lane_.may_be_fast());
  flights_.land(b, landed);
  EXPECT_TRUE(lane_.may_be_fast() && lane_.is_fast());
}

TEST_F(FlightsTest, WaitOutsideNoLongerOnceTheLastHasLanded) {
  const auto a = begin(first(1)), b = begin(first(2));
  lane_.flights.wait_outside = true;
  Flight landed;
  flights_.land(a, landed);
  EXPECT_TRUE(lane_.flights.wait_outside);
  flights_.land(b, landed);
  EXPECT_FALSE(lane_.flights.wait_outside);
}

}  // namespace
}  // namespace exposee::engine

#include "observe/live_ring.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace exposee::observe {
namespace {

class LiveRingTest : public testing::Test {
 protected:
  void attempt(std::uint32_t number = 1) {
    ring_.attempt_finished(
        {.event = &event_, .endpoint = &endpoint_, .attempt = number, .response = &response_, .cause = Cause::none});
  }
  void attempts(int count) {
    for (int i = 0; i < count; ++i) attempt();
  }
  static std::vector<std::uint64_t> ids(const LiveRing::Page& page) {
    std::vector<std::uint64_t> all;
    for (const auto& note : page.notes) all.push_back(note.id);
    return all;
  }
  using Ids = std::vector<std::uint64_t>;

  Event event_;
  Endpoint endpoint_;
  Response response_;
  LiveRing ring_{1, 4};
};

TEST_F(LiveRingTest, KeepsNothingAndCountsAllWhileNobodyFollows) {
  attempts(7);
  EXPECT_EQ(ring_.last_id(), 7u);
  const auto page = ring_.read(0);
  EXPECT_TRUE(page.notes.empty());
  EXPECT_FALSE(page.more);
}

TEST_F(LiveRingTest, AFollowerReadsWhatCameAfterAnId) {
  attempts(3);
  const auto follower = ring_.follow({});
  const auto begun = ring_.last_id();
  attempts(3);
  EXPECT_EQ(ids(ring_.read(begun)), (Ids{4, 5, 6}));
  EXPECT_EQ(ring_.read(begun).missed, 0u);
  EXPECT_EQ(ids(ring_.read(5)), Ids{6});
  EXPECT_TRUE(ring_.read(6).notes.empty());
}

TEST_F(LiveRingTest, AnIdOfAnEarlierStartOfTheServerIsToldAsThat) {
  constexpr std::uint64_t kBegin = 1'000;
  LiveRing ring(kBegin, 4);
  EXPECT_EQ(ring.last_id(), kBegin - 1);
  EXPECT_FALSE(ring.read(kBegin - 1).restarted) << "nothing has happened yet";
  const auto follower = ring.follow({});
  for (int i = 0; i < 2; ++i) ring.store_recovered();
  const struct {
    std::uint64_t after;
    bool restarted;
    Ids ids;
  } rows[] = {
      {0, false, {1'000, 1'001}},      {998, true, {1'000, 1'001}}, {999, false, {1'000, 1'001}},
      {1'000, false, {1'001}},         {1'001, false, {}},          {1'002, true, {1'000, 1'001}},
      {~std::uint64_t{0}, true, {1'000, 1'001}},
  };
  for (const auto& row : rows) {
    const auto page = ring.read(row.after);
    EXPECT_EQ(page.restarted, row.restarted) << row.after;
    EXPECT_EQ(ids(page), row.ids) << row.after;
    EXPECT_EQ(page.missed, 0u) << row.after;
    EXPECT_FALSE(ring.read(page.read_on).restarted) << row.after << ": it is told once";
    EXPECT_TRUE(ring.read(page.read_on).notes.empty()) << row.after;
  }
}

TEST_F(LiveRingTest, WhoeverComesFromAnEarlierStartIsToldWhatItMissedOfThisOne) {
  const auto follower = ring_.follow({});
  attempts(6);
  const auto page = ring_.read(99, 2);
  EXPECT_TRUE(page.restarted);
  EXPECT_EQ(ids(page), (Ids{3, 4}));
  EXPECT_EQ(page.missed, 2u);
  EXPECT_EQ(page.read_on, 4u);
}

TEST_F(LiveRingTest, TheOldestMakeRoomAndWhoIsLateIsToldHowManyItMissed) {
  const auto follower = ring_.follow({});
  attempts(10);
  const auto page = ring_.read(2);
  EXPECT_EQ(ids(page), (Ids{7, 8, 9, 10}));
  EXPECT_EQ(page.missed, 4u);
  EXPECT_EQ(ring_.read(6).missed, 0u);
}

TEST_F(LiveRingTest, APageIsBoundedAndSaysThatThereIsMore) {
  const auto follower = ring_.follow({});
  attempts(4);
  const auto page = ring_.read(0, 3);
  EXPECT_EQ(ids(page), (Ids{1, 2, 3}));
  EXPECT_TRUE(page.more);
  EXPECT_FALSE(ring_.read(3, 3).more);
}

TEST_F(LiveRingTest, WhatHappenedWhileNobodyFollowedIsToldAsMissed) {
  auto follower = ring_.follow({});
  attempts(2);
  follower.reset();
  attempts(5);
  follower = ring_.follow({});
  EXPECT_EQ(ids(ring_.read(0)), (Ids{1, 2})) << "still kept";
  attempts(2);
  const auto page = ring_.read(2);
  EXPECT_EQ(ids(page), (Ids{8, 9}));
  EXPECT_EQ(page.missed, 5u);
}

TEST_F(LiveRingTest, AnAttemptIsKeptWithWhatItCameTo) {
  const auto follower = ring_.follow({});
  event_.type = TypeNumber{3};
  endpoint_.number = EndpointNumber{5};
  response_.status = 503;
  response_.started_at = from_micros(1'000);
  response_.timing.total = Duration{250};
  ring_.attempt_finished({.key = {EventSeq{9}, EndpointNumber{5}},
                          .event = &event_,
                          .endpoint = &endpoint_,
                          .attempt = 2,
                          .response = &response_,
                          .cause = Cause::http,
                          .status = DeliveryStatus::pending,
                          .next_at = from_micros(5'000)});
  const auto note = ring_.read(0).notes.at(0);
  EXPECT_EQ(note.kind, LiveKind::attempt);
  EXPECT_EQ(note.endpoint, EndpointNumber{5});
  EXPECT_EQ(note.delivery, (DeliveryKey{EventSeq{9}, EndpointNumber{5}}));
  EXPECT_EQ(note.type, TypeNumber{3});
  EXPECT_EQ(note.attempt, 2u);
  EXPECT_EQ(note.http_status, 503);
  EXPECT_EQ(note.cause, Cause::http);
  EXPECT_EQ(note.took, Duration{250});
  EXPECT_EQ(note.next_at, from_micros(5'000));
}

TEST_F(LiveRingTest, ChangesBreakersAndTheStoreAreKeptToo) {
  const auto follower = ring_.follow({});
  endpoint_.number = EndpointNumber{2};
  ring_.registry_changed({RegistryChange::endpoint_removed, std::make_shared<Endpoint>(endpoint_), "", {}});
  ring_.breaker_changed(endpoint_, true);
  endpoint_.disabled_reason = "410";
  ring_.endpoint_disabled(endpoint_);
  endpoint_.disabled_reason = kDisabledByHand;
  ring_.endpoint_disabled(endpoint_);  // told by registry_changed()
  ring_.store_failed({});
  const auto notes = ring_.read(0).notes;
  ASSERT_EQ(notes.size(), 4u);
  EXPECT_EQ(notes[0].kind, LiveKind::endpoint_removed);
  EXPECT_EQ(notes[0].endpoint, EndpointNumber{2});
  EXPECT_EQ(notes[1].kind, LiveKind::breaker_opened);
  EXPECT_EQ(notes[2].kind, LiveKind::endpoint_given_up);
  EXPECT_EQ(notes[3].kind, LiveKind::store_failed);
  EXPECT_EQ(notes[3].endpoint, EndpointNumber{});
}

TEST_F(LiveRingTest, FollowersAreWokenOnceForATurnThatBroughtSomething) {
  int woken = 0;
  auto follower = ring_.follow([&] { ++woken; });
  const auto other = ring_.follow({});
  attempts(3);
  EXPECT_EQ(woken, 0) << "a turn tells all of it together";
  ring_.turn_ended({});
  ring_.turn_ended({});
  EXPECT_EQ(woken, 1);
  follower.reset();
  attempts(1);
  ring_.turn_ended({});
  EXPECT_EQ(woken, 1) << "whoever has gone is not woken";
}

TEST_F(LiveRingTest, AFollowerThatIsWokenMayReadAtOnce) {
  Ids read;
  const auto follower = ring_.follow([&] { read = ids(ring_.read(0)); });
  attempts(2);
  ring_.turn_ended({});
  EXPECT_EQ(read, (Ids{1, 2}));
}

TEST(LiveRing, TheEndOfAFollowerWaitsForItsWakeAndNoReaderDoes) {
  LiveRing ring;
  std::promise<void> woken, go_on;
  std::atomic<bool> awake = false;
  auto follower = ring.follow([&] {
    awake = true;
    woken.set_value();
    go_on.get_future().wait();
    awake = false;
  });
  std::jthread engine([&] {
    ring.store_recovered();
    ring.turn_ended({});
  });
  woken.get_future().wait();
  EXPECT_EQ(ring.read(0).notes.size(), 1u) << "while it is being woken";
  std::jthread leaving([&] {
    follower.reset();
    EXPECT_FALSE(awake);
  });
  go_on.set_value();
}

// Every id is either read or told as missed, whatever the threads do.
TEST(LiveRing, NothingIsLostUnseenBetweenThreads) {
  constexpr std::uint64_t kNotes = 20'000;
  LiveRing ring(1, 64);
  const auto follower = ring.follow({});
  std::atomic<bool> done = false;
  std::jthread engine([&] {
    for (std::uint64_t i = 0; i < kNotes; ++i) ring.store_recovered();
    done = true;
  });
  std::uint64_t last = 0, seen = 0, missed = 0;
  for (bool ended = false; !ended || last < kNotes;) {
    ended = done;
    const auto page = ring.read(last);
    for (const auto& note : page.notes) {
      EXPECT_GT(note.id, last);
      last = note.id;
    }
    seen += page.notes.size();
    missed += page.missed;
    if (ended && page.notes.empty()) break;
  }
  EXPECT_EQ(last, kNotes);
  EXPECT_EQ(seen + missed, kNotes);
}

}  // namespace
}  // namespace exposee::observe

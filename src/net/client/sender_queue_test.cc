// The queue of an endpoint: so many attempts are in flight, the others wait for their turn.
#include "net/client/test_sender.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;

class SenderQueueTest : public SenderTest {
 protected:
  static constexpr milliseconds kShort{200};

  TargetRef target_of(std::uint64_t endpoint, const std::string& path, milliseconds timeout = kPatience) {
    return target(listener_.url(path), timeout, EndpointNumber{endpoint});
  }
  std::uint64_t send_one_at_a_time(const TargetRef& to, const std::string& body) {
    return send(to, event(body), 1);
  }

  TestSocket accept_request() {
    auto peer = listener_.accept();
    peer.read_message();
    return peer;
  }
  // Jobs are taken in the order in which they were sent, and a withdrawn one is given back as soon as it is.
  void wait_until_all_are_queued() {
    const auto marker = target_of(9, "/marker");
    marker->withdraw();
    EXPECT_TRUE(sink_.takes_back(send(marker)));
  }

  TestListener listener_;
};

TEST_F(SenderQueueTest, TheNextTakesItsTurnOnTheSameConnectionInTheOrderInWhichTheyCame) {
  start();
  const auto to = target_of(1, "/hook");
  std::vector<std::uint64_t> tickets;
  for (const auto* body : {"first", "second", "third"}) tickets.push_back(send_one_at_a_time(to, body));
  auto peer = listener_.accept();
  for (const auto* body : {"first", "second", "third"}) {
    EXPECT_THAT(peer.read_message(), testing::EndsWith(body));
    peer.write(kOk);
  }
  for (const auto ticket : tickets) EXPECT_EQ(sink_.take(ticket).status, 200);
  EXPECT_FALSE(listener_.pending_within(milliseconds(0))) << "one at a time needs one connection";
}

TEST_F(SenderQueueTest, OtherEndpointsDoNotWait) {
  start();
  const auto busy = send_one_at_a_time(target_of(1, "/busy"), "a");
  auto first = accept_request();
  const auto other = send_one_at_a_time(target_of(2, "/other"), "b");
  auto second = listener_.accept();
  EXPECT_THAT(second.read_message(), testing::StartsWith("POST /other "));
  second.write(kOk);
  EXPECT_EQ(sink_.take(other).status, 200);
  first.write(kOk);
  EXPECT_EQ(sink_.take(busy).status, 200);
}

TEST_F(SenderQueueTest, AnEndpointThatHasChangedStandsInTheSameQueue) {
  start();
  const auto before = send_one_at_a_time(target_of(1, "/before"), "a");
  auto peer = accept_request();
  const auto after = send_one_at_a_time(target_of(1, "/after"), "b");
  EXPECT_FALSE(sink_.has_within(after, milliseconds(0)));
  EXPECT_FALSE(listener_.pending_within(milliseconds(20)));
  peer.write(kOk);
  EXPECT_EQ(sink_.take(before).status, 200);
  EXPECT_THAT(peer.read_message(), testing::StartsWith("POST /after "));
  peer.write(kOk);
  EXPECT_EQ(sink_.take(after).status, 200);
}

TEST_F(SenderQueueTest, ItsTimeBeginsWithItsTurn) {
  start();
  const auto to = target_of(1, "/hook", kShort);
  const auto hangs = send_one_at_a_time(to, "a"), waits = send_one_at_a_time(to, "b");
  auto first = accept_request();
  EXPECT_EQ(sink_.take(hangs).cause, Cause::timeout);
  auto second = listener_.accept();
  EXPECT_THAT(second.read_message(), testing::EndsWith("b"));
  second.write(kOk);
  const auto response = sink_.take(waits);
  EXPECT_EQ(response.status, 200) << "though its predecessor took all the time there is";
  EXPECT_LT(response.timing.total, kShort);
}

TEST_F(SenderQueueTest, EachEndsAtItsOwnDeadlineHoweverRareTheTicksAre) {
  auto options = open_to_loopback();
  options.tick = std::chrono::hours(1);
  start(options);
  for (const auto limit : {kShort, kShort * 2}) {
    const auto ticket = send(target_of(1, "/hook", limit));
    EXPECT_EQ(sink_.take(ticket).cause, Cause::timeout);
  }
}

TEST_F(SenderQueueTest, AfterOneThatFailsTheNextTakesItsTurn) {
  start();
  const auto to = target_of(1, "/hook");
  const auto broken = send_one_at_a_time(to, "a"), next = send_one_at_a_time(to, "b");
  auto first = accept_request();
  first.close();
  EXPECT_EQ(sink_.take(broken).cause, Cause::closed);
  auto second = listener_.accept();
  EXPECT_THAT(second.read_message(), testing::EndsWith("b"));
  second.write(kOk);
  EXPECT_EQ(sink_.take(next).status, 200);
}

TEST_F(SenderQueueTest, ManyThatFailBeforeTheyLeaveEndOneAfterTheOther) {
  SenderOptions closed;
  closed.policy.allow_private = false;
  start(closed);
  const auto to = target_of(1, "/hook");
  std::vector<std::uint64_t> tickets;
  for (int i = 0; i < 2000; ++i) tickets.push_back(send_one_at_a_time(to, "{}"));
  for (const auto ticket : tickets) EXPECT_EQ(sink_.take(ticket).cause, Cause::blocked);
}

TEST_F(SenderQueueTest, ATestDeliveryWaitsForNobodyAndHoldsNobodyUp) {
  start();
  const auto to = target_of(1, "/hook");
  const auto running = send_one_at_a_time(to, "a");
  auto first = accept_request();
  const auto test = send(to, event("test"));  // no limit
  auto second = listener_.accept();
  EXPECT_THAT(second.read_message(), testing::EndsWith("test"));
  first.write(kOk);
  EXPECT_EQ(sink_.take(running).status, 200);
  const auto next = send_one_at_a_time(to, "b");
  EXPECT_THAT(first.read_message(), testing::EndsWith("b")) << "while the test delivery is still under way";
  first.write(kOk);
  EXPECT_EQ(sink_.take(next).status, 200);
  second.write(kOk);
  EXPECT_EQ(sink_.take(test).status, 200);
}

TEST_F(SenderQueueTest, AQueueLeavesTheOnlyConnectionToThoseWhoWaitLonger) {
  auto options = open_to_loopback();
  options.max_connections = 1;
  start(options);
  const auto hot = target_of(1, "/hot");
  std::vector<std::uint64_t> tickets{send_one_at_a_time(hot, "a")};
  auto peer = accept_request();
  for (const auto* body : {"b", "c", "d"}) tickets.push_back(send_one_at_a_time(hot, body));
  tickets.push_back(send_one_at_a_time(target_of(2, "/cold"), "{}"));
  wait_until_all_are_queued();  // or the response might be seen before /cold is
  peer.write(kOk);
  EXPECT_THAT(peer.read_message(), testing::StartsWith("POST /cold "));
  peer.write(kOk);
  for (const auto* body : {"b", "c", "d"}) {
    EXPECT_THAT(peer.read_message(), testing::EndsWith(body));
    peer.write(kOk);
  }
  for (const auto ticket : tickets) EXPECT_EQ(sink_.take(ticket).status, 200);
}

TEST_F(SenderQueueTest, AResponseThatStallsEndsInTimeAndThoseBehindItEndAtOnce) {
  start();
  const auto stalls = send_one_at_a_time(target_of(1, "/hook", kShort), "a");
  auto peer = accept_request();
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly so much");
  std::vector<std::uint64_t> blocked;
  for (int i = 0; i < 3; ++i) {
    blocked.push_back(send_one_at_a_time(target("http://169.254.169.254/", kShort, EndpointNumber{1}), "b"));
  }
  EXPECT_EQ(sink_.take(stalls).status, 200) << "its head is a response";
  for (const auto ticket : blocked) EXPECT_EQ(sink_.take(ticket).cause, Cause::blocked);
}

TEST_F(SenderQueueTest, WhoWaitsForItsTurnIsGivenBackOnceItIsWithdrawn) {
  start();
  const auto to = target_of(1, "/hook");
  const auto running = send_one_at_a_time(to, "a"), waiting = send_one_at_a_time(to, "b");
  auto peer = accept_request();
  to->withdraw();
  EXPECT_TRUE(sink_.takes_back(waiting)) << "while the other is still under way";
  peer.write(kOk);
  EXPECT_EQ(sink_.take(running).status, 200);
}

TEST_F(SenderQueueTest, WhoWaitsForItsTurnIsAnsweredWhenTheSenderEnds) {
  start();
  const auto to = target_of(1, "/hook");
  const auto running = send_one_at_a_time(to, "a"), waiting = send_one_at_a_time(to, "b");
  auto peer = accept_request();
  sender_->stop();
  for (const auto ticket : {running, waiting}) {
    const auto response = sink_.take(ticket);
    EXPECT_EQ(response.cause, Cause::closed);
    EXPECT_GT(response.started_at, Instant{});
  }
}

}  // namespace
}  // namespace exposee::net

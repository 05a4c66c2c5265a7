// A target that is withdrawn: what has not started comes back, what has started goes on.
#include "net/client/test_sender.h"
#include "net/dial/test_dns.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;

class SenderWithdrawTest : public SenderTest {
 protected:
  TestListener listener_;
};

TEST_F(SenderWithdrawTest, AJobThatComesAfterItIsGivenBackWithoutAConnection) {
  start();
  const auto to = target(listener_.url());
  to->withdraw();
  EXPECT_TRUE(sink_.takes_back(send(to)));
  EXPECT_FALSE(listener_.pending_within(milliseconds(0)));
}

TEST_F(SenderWithdrawTest, AJobThatWaitsForAConnectionIsGivenBackAtOnce) {
  auto options = open_to_loopback();
  options.max_connections = 1;
  start(options);
  const auto running = send(target(listener_.url("/running")));
  auto peer = listener_.accept();
  peer.read_message();
  const auto to = target(listener_.url("/waiting"));
  const auto waiting = send(to);
  to->withdraw();
  EXPECT_TRUE(sink_.takes_back(waiting)) << "long before its time is over";
  peer.write(kOk);
  EXPECT_EQ(sink_.take(running).status, 200);
  const auto next = send(target(listener_.url("/next")));
  EXPECT_THAT(peer.read_message(), testing::StartsWith("POST /next "));
  peer.write(kOk);
  EXPECT_EQ(sink_.take(next).status, 200);
}

TEST_F(SenderWithdrawTest, AJobWhoseNameIsBeingLookedUpIsGivenBackBeforeItIsSent) {
  TestDns dns;
  auto options = open_to_loopback();
  options.dns_servers = dns.server();
  start(options);
  const auto to = target("http://receiver.test:" + std::to_string(listener_.port()) + "/hook");
  const auto ticket = send(to);
  const auto first = dns.take_query(), second = dns.take_query();
  to->withdraw();
  for (const auto& query : {first, second}) {
    dns.answer(query,
               query.type == kDnsA ? std::vector<std::string>{"127.0.0.1"} : std::vector<std::string>{});
  }
  EXPECT_TRUE(sink_.takes_back(ticket));
  EXPECT_TRUE(listener_.accept().is_ended()) << "connected, but not a byte";
}

TEST_F(SenderWithdrawTest, WhatHasLeftGoesOn) {
  start();
  const auto to = target(listener_.url());
  const auto ticket = send(to);
  auto peer = listener_.accept();
  peer.read_message();
  to->withdraw();
  peer.write(kOk);
  EXPECT_EQ(sink_.take(ticket).status, 200);
}

TEST_F(SenderWithdrawTest, ARequestOnAConnectionThatBreaksIsNotSentAgain) {
  start();
  const auto to = target(listener_.url());
  auto peer = make_kept_alive(listener_, to);
  const auto ticket = send(to);
  peer.read_message();
  to->withdraw();
  peer.close();
  const auto response = sink_.take(ticket);
  EXPECT_EQ(response.cause, Cause::closed) << "it may have been seen once, so it counts";
  if (listener_.pending_within(milliseconds(0))) {
    EXPECT_TRUE(listener_.accept().is_ended());
  }
}

TEST_F(SenderWithdrawTest, OthersOfTheSameOriginAreNotConcerned) {
  start();
  const auto to = target(listener_.url("/one")), other = target(listener_.url("/two"));
  auto peer = make_kept_alive(listener_, to);
  to->withdraw();
  EXPECT_TRUE(sink_.takes_back(send(to)));
  const auto ticket = send(other);
  peer.read_message();
  peer.write(kOk);
  EXPECT_TRUE(sink_.take(ticket).reused);
}

}  // namespace
}  // namespace exposee::net

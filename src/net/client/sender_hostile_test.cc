// Receivers that break, stall, flood or lie: each costs its own attempt, in time, and says why in plain
// words.
#include <future>

#include "net/client/client_connection.h"
#include "net/client/test_sender.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::StartsWith;

class HostileReceiverTest : public SenderTest {
 protected:
  void SetUp() override { start(); }

  // The peer of one attempt, its request read.
  TestSocket begin(std::chrono::milliseconds timeout = kPatience) {
    ticket_ = send(target(listener_.url(), timeout));
    auto peer = listener_.accept();
    peer.read_message();
    return peer;
  }
  Response answer() { return sink_.take(ticket_); }
  void expect(Cause cause, std::string_view words) {
    const auto got = answer();
    EXPECT_EQ(got.status, 0);
    EXPECT_EQ(got.cause, cause);
    EXPECT_THAT(got.detail, HasSubstr(std::string(words)));
  }

  TestListener listener_;
  std::uint64_t ticket_ = 0;
};

TEST_F(HostileReceiverTest, NobodyListens) {
  const auto to = target(listener_.url());
  listener_.close();
  ticket_ = send(to);
  expect(Cause::connect, "Connection refused");
}

TEST_F(HostileReceiverTest, NeverAnswersAndTheDeadlineIsKept) {
  const auto begun = std::chrono::steady_clock::now();
  auto peer = begin(milliseconds(1000));
  const auto got = answer();
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_EQ(got.cause, Cause::timeout);
  EXPECT_EQ(got.detail, "Timed out after 1 s");
  EXPECT_EQ(got.remote_address, "127.0.0.1:" + std::to_string(listener_.port()));
  EXPECT_GE(took, milliseconds(1000));
  EXPECT_LT(took, milliseconds(1500));
  EXPECT_GE(got.timing.total, milliseconds(1000));
  EXPECT_TRUE(peer.is_ended());
  EXPECT_EQ(sender_->open_connections(), 0u);
}

TEST_F(HostileReceiverTest, NeverReads) {
  ticket_ = send(target(listener_.url(), milliseconds(200)), event(std::string(16 * 1024 * 1024, 'x')));
  auto peer = listener_.accept();
  expect(Cause::timeout, "Timed out after 200 ms");
}

TEST_F(HostileReceiverTest, AnswersHeadByteByByteForEver) {
  auto peer = begin(milliseconds(200));
  peer.write("HTTP/1.1 200 OK\r\nx: ");
  while (!sink_.has_within(ticket_, milliseconds(5))) peer.write("y");
  expect(Cause::timeout, "Timed out after 200 ms");
}

// A place at the endpoint is all that a response holds, and its body must not hold that.
TEST_F(HostileReceiverTest, ABodyWithoutEndHoldsNoPlaceAndEndsAfterASecond) {
  const auto one_at_a_time = [&](std::string body) {
    return send(target(listener_.url(), kPatience, EndpointNumber{1}), event(std::move(body)), 1, true);
  };
  for (const auto* head : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "HTTP/1.1 200 OK\n\n"}) {
    SCOPED_TRACE(head);
    const auto first = one_at_a_time("a");
    auto peer = listener_.accept();
    peer.read_message();
    peer.write(head);
    const auto response = sink_.take(first);
    EXPECT_EQ(response.status, 200);
    EXPECT_LT(response.timing.total, milliseconds(500));
    const auto second = one_at_a_time("b");
    auto next = listener_.accept();
    next.read_message();
    next.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(sink_.take(second).status, 204);
    EXPECT_TRUE(peer.is_ended());
  }
  while (sender_->open_connections() > 0) sink_.has_within(0, milliseconds(1));
}

TEST_F(HostileReceiverTest, ABodyThatComesAfterTheOutcomeLeavesItsConnectionUsable) {
  const auto to = target(listener_.url(), kPatience, EndpointNumber{1});
  const auto first = send(to, event("a"), 1, true);
  auto peer = listener_.accept();
  peer.read_message();
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(sink_.take(first).body, "");
  peer.write("done");
  const auto second = send(target(listener_.url()), event("b"));
  for (auto next = second;; next = send(target(listener_.url()), event("b"))) {
    // Until the body has been read, a fresh connection serves.
    if (listener_.pending_within(milliseconds(50))) {
      auto fresh = listener_.accept();
      fresh.read_message();
      fresh.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
      EXPECT_EQ(sink_.take(next).status, 204);
      continue;
    }
    peer.read_message();
    peer.write(kOk);
    EXPECT_TRUE(sink_.take(next).reused);
    break;
  }
}

TEST_F(HostileReceiverTest, WhereNobodyWaitsTheBodyHasASecond) {
  for (const auto* status : {"200 OK", "500 Oops"}) {
    auto peer = begin();
    peer.write(std::string("HTTP/1.1 ") + status + "\r\nContent-Length: 10\r\n\r\n");
    EXPECT_FALSE(sink_.has_within(ticket_, milliseconds(100)));
    peer.write("0123456789");
    EXPECT_EQ(answer().body, "0123456789");
    peer.close();
    while (sender_->open_connections() > 0) sink_.has_within(0, milliseconds(1));
  }
  auto peer = begin();
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\npart");
  const auto cut = answer();
  EXPECT_EQ(cut.status, 200);
  EXPECT_EQ(cut.body, "part");
  EXPECT_GE(cut.timing.total, milliseconds(1'000));
  EXPECT_LT(cut.timing.total, milliseconds(1'800));
}

TEST_F(HostileReceiverTest, AnEndpointHasOnlySoManyBodiesThatNeverEnd) {
  auto options = open_to_loopback();
  options.body_time = kPatience;
  start(options);
  std::vector<TestSocket> peers;
  for (int i = 0; i < 40; ++i) {
    const auto ticket = send(target(listener_.url(), kPatience, EndpointNumber{1}), event("a"), 1, true);
    peers.push_back(listener_.accept());
    peers.back().read_message();
    peers.back().write("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_EQ(sink_.take(ticket).status, 200);
  }
  EXPECT_LE(sender_->open_connections(), 20u);
}

// The sender is held up in this sink while the bytes come and the next job does, so that it learns of both at
// once.
TEST_F(HostileReceiverTest, WhatCameOnARestingConnectionIsNotTheNextResponse) {
  class HoldingSink final : public SendSink {
   public:
    void answered(std::vector<SendResult>&&) override {
      told.set_value();
      go_on.get_future().wait();
    }
    std::promise<void> told, go_on;
  } holding;
  auto options = open_to_loopback();
  options.rest_unseen = milliseconds(0);  // the connection has rested as soon as it is idle
  start(std::move(options));
  const auto to = target(listener_.url());
  sender_->send({{.ticket = 1, .target = to, .message_id = "msg_1", .event = event()}}, holding);
  auto peer = listener_.accept();
  peer.read_message();
  peer.write(kOk);
  holding.told.get_future().wait();
  peer.write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  const auto ticket = send(to);
  holding.go_on.set_value();
  auto fresh = listener_.accept();
  fresh.read_message();
  fresh.write(kOk);
  EXPECT_EQ(sink_.take(ticket).status, 200);
}

TEST_F(HostileReceiverTest, AConnectionIsNotUsedForLongerThanItsReceiverKeepsIt) {
  const auto to = target(listener_.url());
  const auto ticket = send(to);
  auto peer = listener_.accept();
  peer.read_message();
  peer.write("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(sink_.take(ticket).status, 200);
  make_kept_alive(listener_, to);
  EXPECT_TRUE(peer.is_ended());
}

TEST_F(HostileReceiverTest, BodyThatTricklesForEverIsCutAtTheDeadline) {
  auto peer = begin(milliseconds(200));
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
  while (!sink_.has_within(ticket_, milliseconds(5))) peer.write("y");
  const auto got = answer();
  EXPECT_EQ(got.status, 200);  // its head came: it has taken the event
  EXPECT_THAT(got.body, StartsWith("y"));
  EXPECT_LT(got.timing.total, milliseconds(700));
}

TEST_F(HostileReceiverTest, EndlessBodyIsKeptTo16KiBAndEnded) {
  auto peer = begin();
  peer.write("HTTP/1.1 200 OK\r\n\r\n");
  const std::string piece(16 * 1024, 'z');
  while (peer.write(piece)) {
  }
  const auto got = answer();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body.size(), http::kMaxResponseBodyKept);
}

TEST_F(HostileReceiverTest, ABigBodyIsReadTo16KiBAndItsConnectionEnded) {
  const auto to = target(listener_.url());
  auto peer = make_kept_alive(listener_, to);
  const auto big = send(to);
  peer.read_message();
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + std::string(40'000, 'x'));
  EXPECT_EQ(sink_.take(big).body, std::string(http::kMaxResponseBodyKept, 'x'));
  EXPECT_TRUE(peer.is_ended());
}

TEST_F(HostileReceiverTest, ClosesAtOnce) {
  ticket_ = send(target(listener_.url()));
  listener_.accept().close();
  expect(Cause::closed, "The connection was closed before a response came");
}

TEST_F(HostileReceiverTest, ClosesAfterReading) {
  begin().close();
  expect(Cause::closed, "The connection was closed before a response came");
}

TEST_F(HostileReceiverTest, Resets) {
  begin().reset();
  expect(Cause::closed, "The connection was closed before a response came");
}

TEST_F(HostileReceiverTest, ClosesInTheMiddleOfTheHead) {
  auto peer = begin();
  peer.write("HTTP/1.1 200 OK\r\nContent-Le");
  peer.close();
  expect(Cause::closed, "The connection was closed before a response came");
}

TEST_F(HostileReceiverTest, ClosesInTheMiddleOfTheBody) {
  auto peer = begin();
  peer.write("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\npart");
  peer.close();
  const auto got = answer();
  EXPECT_EQ(got.status, 500);
  EXPECT_EQ(got.body, "part");
}

TEST_F(HostileReceiverTest, SpeaksNoHttp) {
  begin().write("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  const auto got = answer();
  EXPECT_EQ(got.cause, Cause::bad_response);
  EXPECT_FALSE(got.detail.empty());
}

TEST_F(HostileReceiverTest, BrokenChunkingAfterAHeadEndsTheConnectionNotTheResponse) {
  auto peer = begin();
  peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n");
  const auto got = answer();
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "ab");
  EXPECT_TRUE(peer.is_ended());
}

TEST_F(HostileReceiverTest, DoubtAboutTheBodysEndCostsTheConnectionAndNeverTheStatus) {
  for (const auto* bytes : {
           "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 204 No Content\n\n",
           "HTTP/1.1 200 OK\r\nPolicy: a,\r\n b\r\nContent-Length : 0\r\n\r\n",
       }) {
    SCOPED_TRACE(bytes);
    auto peer = begin();
    peer.write(bytes);
    EXPECT_EQ(answer().status / 100, 2);
    EXPECT_TRUE(peer.is_ended());
  }
}

TEST_F(HostileReceiverTest, FiveInterimResponsesAreTakenASixthIsNot) {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\n\r\n";
  auto peer = begin();
  for (int i = 0; i < 5; ++i) peer.write(interim);
  peer.write(kOk);
  EXPECT_EQ(answer().status, 200);
  const auto flood = send(target(listener_.url()));
  peer.read_message();
  for (int i = 0; i < 6; ++i) peer.write(interim);
  EXPECT_EQ(sink_.take(flood).cause, Cause::bad_response);
}

TEST_F(HostileReceiverTest, OversizeHead) {
  auto peer = begin();
  peer.write("HTTP/1.1 200 OK\r\nx: " + std::string(17 * 1024, 'x') + "\r\n\r\n");
  const auto got = answer();
  EXPECT_EQ(got.status, 0);
  EXPECT_EQ(got.cause, Cause::bad_response);
}

TEST_F(HostileReceiverTest, HeadWithoutEnd) {
  auto peer = begin();
  peer.write("HTTP/1.1 200 OK\r\n");
  while (peer.write("x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")) {
  }
  EXPECT_EQ(answer().cause, Cause::bad_response);
}

TEST_F(HostileReceiverTest, BytesAfterTheResponseEndTheConnection) {
  auto peer = begin();
  peer.write(std::string(kOk) + std::string(kOk));
  EXPECT_EQ(answer().body, "ok");
  EXPECT_TRUE(peer.is_ended());
}

TEST_F(HostileReceiverTest, AResponseNobodyAskedForEndsAnIdleConnection) {
  const auto to = target(listener_.url());
  auto peer = make_kept_alive(listener_, to);
  peer.write(kOk);
  EXPECT_TRUE(peer.is_ended());
  make_kept_alive(listener_, to);
}

TEST_F(HostileReceiverTest, AnIdleConnectionThePeerClosedIsNotUsedAgain) {
  const auto to = target(listener_.url());
  make_kept_alive(listener_, to).close();
  while (sender_->open_connections() > 0) sink_.has_within(0, milliseconds(1));
  const auto ticket = send(to);
  auto peer = listener_.accept();
  peer.read_message();
  peer.write(kOk);
  EXPECT_FALSE(sink_.take(ticket).reused);
}

// The race that cannot be won: the request is on its way while the receiver closes.
TEST_F(HostileReceiverTest, AKeptAliveConnectionThatBreaksIsReplacedOnceWithinTheAttempt) {
  const auto to = target(listener_.url());
  auto old = make_kept_alive(listener_, to);
  const auto ticket = send(to);
  const auto request = old.read_message();
  old.close();
  auto fresh = listener_.accept();
  EXPECT_EQ(fresh.read_message(), request);  // same id, same attempt, same bytes
  fresh.write(kOk);
  const auto got = sink_.take(ticket);
  EXPECT_EQ(got.status, 200);
  EXPECT_FALSE(got.reused);
}

TEST_F(HostileReceiverTest, AReplacedConnectionThatBreaksTooIsAFailure) {
  const auto to = target(listener_.url());
  auto old = make_kept_alive(listener_, to);
  ticket_ = send(to);
  old.read_message();
  old.reset();
  auto fresh = listener_.accept();
  fresh.read_message();
  fresh.close();
  expect(Cause::closed, "The connection was closed before a response came");
  EXPECT_FALSE(listener_.pending_within(milliseconds(50)));
}

TEST_F(HostileReceiverTest, AConnectionThatBreaksAfterTheFirstByteIsNotReplaced) {
  const auto to = target(listener_.url());
  auto old = make_kept_alive(listener_, to);
  ticket_ = send(to);
  old.read_message();
  old.write("H");
  old.close();
  expect(Cause::closed, "The connection was closed before a response came");
}

TEST_F(HostileReceiverTest, AHangingReceiverHoldsUpNobodyElse) {
  auto hanging = begin(kPatience);
  TestListener healthy;
  const auto to = target(healthy.url());
  auto peer = make_kept_alive(healthy, to);
  for (int i = 0; i < 20; ++i) {
    const auto ticket = send(to);
    peer.read_message();
    peer.write(kOk);
    EXPECT_EQ(sink_.take(ticket).status, 200);
  }
  EXPECT_FALSE(sink_.has_within(ticket_, milliseconds(0)));
  hanging.write(kOk);
  EXPECT_EQ(answer().status, 200);
}

}  // namespace
}  // namespace exposee::net

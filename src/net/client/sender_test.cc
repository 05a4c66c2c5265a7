#include "net/client/sender.h"

#include "core/failure_words.h"
#include "net/client/test_sender.h"
#include "net/loop/test_descriptors.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(SenderTest, PostsTheEventAsPromised) {
  start();
  TestListener listener;
  const auto ticket = send(target(listener.url("/hook?x=1")));
  auto peer = listener.accept();
  const auto request = peer.read_message();
  EXPECT_THAT(request, StartsWith("POST /hook?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("127.0.0.1:" + std::to_string(listener.port()) + "\r\n"));
  EXPECT_THAT(request, HasSubstr("webhook-id: msg_1\r\n"));
  EXPECT_THAT(request, EndsWith("\r\n\r\n{\"a\":1}"));
  peer.write(
      "HTTP/1.1 201 Made\r\nContent-Type: application/json\r\nRetry-After: 7\r\nwebhook-delivery: abort\r\n"
      "Content-Length: 4\r\n\r\ndone");

  const auto response = sink_.take(ticket);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.cause, Cause::none);
  EXPECT_EQ(response.reason, "Made");
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.retry_after, "7");
  EXPECT_EQ(response.webhook_delivery, "abort");
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.remote_address, "127.0.0.1:" + std::to_string(listener.port()));
  EXPECT_FALSE(response.reused);
  EXPECT_EQ(response.started_at, clock_.now());
  EXPECT_GT(response.timing.total, Duration::zero());
  EXPECT_GE(response.timing.total, response.timing.connect + response.timing.first_byte);
}

TEST_F(SenderTest, KeepsTheConnectionForTheNextPost) {
  start();
  TestListener listener;
  const auto to = target(listener.url());
  auto peer = make_kept_alive(listener, to);
  for (int i = 0; i < 3; ++i) {
    const auto ticket = send(to);
    peer.read_message();
    peer.write(kOk);
    const auto response = sink_.take(ticket);
    EXPECT_TRUE(response.reused);
    EXPECT_EQ(response.timing.connect, Duration::zero());
  }
  EXPECT_EQ(sender_->open_connections(), 1u);
}

TEST_F(SenderTest, TargetsOfOneOriginShareConnections) {
  start();
  TestListener listener;
  auto peer = make_kept_alive(listener, target(listener.url("/one")));
  const auto ticket = send(target(listener.url("/two")));
  EXPECT_THAT(peer.read_message(), StartsWith("POST /two HTTP/1.1\r\n"));
  peer.write(kOk);
  EXPECT_TRUE(sink_.take(ticket).reused);
}

TEST_F(SenderTest, OwnersNeverShareAConnection) {
  start();
  TestListener listener;
  auto peer = make_kept_alive(listener, target(listener.url()));
  auto others = std::make_shared<Target>();
  others->url = *parse_url(listener.url());
  others->keys.push_back(*SigningKey::parse(kTestSecret));
  others->timeout = kPatience;
  others->owner = "another";
  auto second = make_kept_alive(listener, others);
  EXPECT_EQ(sender_->open_connections(), 2u);
}

TEST_F(SenderTest, JobsGoOutAtOnceAndTheConnectionUsedLastIsUsedFirst) {
  start();
  TestListener listener;
  const auto to = target(listener.url());
  const auto first = send(to), second = send(to);
  auto a = listener.accept(), b = listener.accept();
  a.read_message();
  b.read_message();
  a.write(kOk);
  while (!sink_.has_within(first, milliseconds(5)) && !sink_.has_within(second, milliseconds(5))) {
  }
  b.write(kOk);
  sink_.take(first);
  sink_.take(second);
  const auto third = send(to);
  b.read_message();
  b.write(kOk);
  EXPECT_TRUE(sink_.take(third).reused);
}

TEST_F(SenderTest, AResponseThatSaysCloseEndsTheConnection) {
  start();
  TestListener listener;
  const auto to = target(listener.url());
  const auto ticket = send(to);
  auto peer = listener.accept();
  peer.read_message();
  peer.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(sink_.take(ticket).status, 204);
  EXPECT_TRUE(peer.is_ended());
  make_kept_alive(listener, to);
}

TEST_F(SenderTest, EveryStatusIsAResponse) {
  start();
  TestListener listener;
  const auto to = target(listener.url());
  auto peer = make_kept_alive(listener, to);
  for (const int status : {204, 301, 404, 410, 429, 500}) {
    const auto ticket = send(to);
    peer.read_message();
    const std::string length = status == 204 ? "" : "Content-Length: 0\r\n";
    peer.write("HTTP/1.1 " + std::to_string(status) + " Reason\r\n" + length + "\r\n");
    const auto response = sink_.take(ticket);
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.cause, Cause::none);
    EXPECT_TRUE(response.body.empty());
  }
}

TEST_F(SenderTest, BodiesEndByLengthChunksOrTheConnection) {
  start();
  TestListener listener;
  const auto to = target(listener.url());
  auto peer = make_kept_alive(listener, to);
  auto ticket = send(to);
  peer.read_message();
  peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
  EXPECT_EQ(sink_.take(ticket).body, "abcd");
  ticket = send(to);
  peer.read_message();
  peer.write("HTTP/1.1 200 OK\r\n\r\nto the end");
  EXPECT_FALSE(sink_.has_within(ticket, milliseconds(50)));
  peer.close();
  EXPECT_EQ(sink_.take(ticket).body, "to the end");
}

TEST_F(SenderTest, ABodyLargerThanTheSocketsBufferArrivesWhole) {
  start();
  TestListener listener;
  const std::string body(8 * 1024 * 1024, 'x');
  const auto ticket = send(target(listener.url()), event(body));
  auto peer = listener.accept();
  EXPECT_FALSE(sink_.has_within(ticket, milliseconds(50)));  // the sender has to wait for us to read
  EXPECT_THAT(peer.read_message(), EndsWith("\r\n\r\n" + body));
  peer.write(kOk);
  EXPECT_EQ(sink_.take(ticket).status, 200);
}

TEST_F(SenderTest, AResponseBeforeTheWholeBodyIsReadCounts) {
  start();
  TestListener listener;
  const auto ticket = send(target(listener.url()), event(std::string(8 * 1024 * 1024, 'x')));
  auto peer = listener.accept();
  peer.read_until("\r\n\r\n");
  peer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(sink_.take(ticket).status, 413);
  peer.read_to_end();  // the connection is of no more use
}

TEST_F(SenderTest, AnIdleConnectionEndsAfterItsTime) {
  auto options = open_to_loopback();
  options.idle_timeout = milliseconds(50);
  start(options);
  TestListener listener;
  auto peer = make_kept_alive(listener, target(listener.url()));
  EXPECT_TRUE(peer.is_ended());
}

TEST_F(SenderTest, IdleConnectionsBeyondTheOriginsShareEndSooner) {
  auto options = open_to_loopback();
  options.max_idle_per_origin = 1;
  options.burst = milliseconds(50);
  start(options);
  TestListener listener;
  const auto to = target(listener.url());
  const auto first = send(to), second = send(to);
  auto a = listener.accept(), b = listener.accept();
  a.write(kOk);
  b.write(kOk);
  sink_.take(first);
  sink_.take(second);
  a.read_message();
  b.read_message();
  while (sender_->open_connections() > 1) sink_.has_within(0, milliseconds(5));
  EXPECT_NE(a.readable_within(milliseconds(0)), b.readable_within(milliseconds(0)));
}

TEST_F(SenderTest, AtTheTotalOfConnectionsJobsWaitForOne) {
  auto options = open_to_loopback();
  options.max_connections = 1;
  start(options);
  TestListener listener, other;
  const auto to = target(listener.url());
  const auto first = send(to), second = send(to), elsewhere = send(target(other.url()));
  auto peer = listener.accept();
  for (const auto ticket : {first, second}) {
    peer.read_message();
    EXPECT_EQ(sender_->open_connections(), 1u);
    peer.write(kOk);
    EXPECT_EQ(sink_.take(ticket).status, 200);
  }
  auto other_peer = other.accept();  // the idle one makes room for it
  other_peer.read_message();
  other_peer.write(kOk);
  EXPECT_EQ(sink_.take(elsewhere).status, 200);
  EXPECT_TRUE(peer.is_ended());
}

TEST_F(SenderTest, AJobThatFindsNoFreeConnectionHasNotBegun) {
  auto options = open_to_loopback();
  options.max_connections = 1;
  start(options);
  TestListener listener;
  send(target(listener.url()));
  auto peer = listener.accept();
  const auto why = sink_.take_not_begun(send(target(listener.url(), milliseconds(100))));
  EXPECT_THAT(why, EndsWith("every connection is in use"));
  peer.write(kOk);
}

#ifndef __SANITIZE_ADDRESS__  // FewDescriptors
TEST_F(SenderTest, AJobThatFindsNoDescriptorHasNotBegunAndTheNextOneIsMade) {
  start();
  TestListener listener;
  const auto to = target(listener.url());
  {
    const FewDescriptors none_left(0);
    EXPECT_EQ(sink_.take_not_begun(send(to)), std::string(kOwnShortage) + "Too many open files");
  }
  make_kept_alive(listener, to);
}
#endif

TEST_F(SenderTest, ASenderThatEndsAnswersWhatIsInHand) {
  start();
  TestListener listener;
  const auto ticket = send(target(listener.url()));
  auto peer = listener.accept();
  sender_.reset();
  const auto response = sink_.take(ticket);
  EXPECT_EQ(response.cause, Cause::closed);
  peer.read_message();
  EXPECT_TRUE(peer.is_ended());
}

TEST_F(SenderTest, ASinkThatSendsAgainWhileTheSenderEndsHarmsNobody) {
  class AgainSink final : public SendSink {
   public:
    void answered(std::vector<SendResult>&& results) override {
      answers += static_cast<int>(results.size());
      std::vector<SendJob> jobs;
      jobs.push_back(job);
      sender->send(std::move(jobs), *this);
    }
    Sender* sender = nullptr;
    SendJob job;
    int answers = 0;
  } sink;
  start();
  TestListener listener;
  sink.sender = sender_.get();
  sink.job = {.ticket = 1, .target = target(listener.url()), .event = event()};
  sender_->send({sink.job}, sink);
  auto peer = listener.accept();
  sender_.reset();
  EXPECT_GE(sink.answers, 1);
}

TEST_F(SenderTest, ManyJobsInOneParcelAreAllAnswered) {
  start();
  constexpr std::size_t kJobs = 500, kOrigins = 5;
  std::vector<TestListener> listeners(kOrigins);
  std::vector<SendJob> jobs;
  for (std::size_t i = 0; i < kJobs; ++i) {
    jobs.push_back({.ticket = i, .target = target(listeners[i % kOrigins].url()), .event = event()});
  }
  sender_->send(std::move(jobs), sink_);
  std::vector<TestSocket> peers;
  for (std::size_t i = 0; i < kJobs; ++i) peers.push_back(listeners[i % kOrigins].accept());
  for (auto& peer : peers) peer.write(kOk);
  for (std::size_t i = 0; i < kJobs; ++i) EXPECT_EQ(sink_.take(i).status, 200);
}

TEST_F(SenderTest, ABlockedTargetIsAnsweredInItsWordsWithoutAConnection) {
  start();
  TestListener listener;
  auto blocked = std::make_shared<Target>();
  blocked->url = *parse_url(listener.url());
  blocked->timeout = kPatience;
  blocked->blocked = "Port 1 belongs to another kind of service";
  const auto response = sink_.take(send(blocked));
  EXPECT_EQ(response.cause, Cause::blocked);
  EXPECT_EQ(response.detail, "Port 1 belongs to another kind of service");
  EXPECT_EQ(sink_.take(send(blocked, event(), 1)).cause, Cause::blocked) << "also one that has its turn";
  EXPECT_FALSE(listener.pending_within(std::chrono::milliseconds(0)));
}

}  // namespace
}  // namespace exposee::net

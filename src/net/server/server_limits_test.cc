#include <algorithm>
#include <atomic>
#include <cerrno>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "net/client/test_doors.h"
#include "net/loop/test_descriptors.h"
#include "net/loop/test_socket.h"
#include "net/server/server.h"
#include "net/server/test_service.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kGetHeld = "GET /held HTTP/1.1\r\nHost: a\r\n\r\n";

// Limits short enough to wait for, and far enough apart to tell which one struck.
ServerOptions quick() {
  ServerOptions options;
  options.head_timeout = milliseconds(100);
  options.transfer_grace = milliseconds(100);
  options.idle_timeout = milliseconds(100);
  options.sweep_interval = milliseconds(10);
  return options;
}

class ServerLimitsTest : public testing::Test {
 protected:
  void start(const ServerOptions& options) {
    server_ = std::make_unique<Server>(clock_, options);
    ASSERT_TRUE(server_->listen({{"127.0.0.1", 0}}));
    server_->start(service_);
  }
  TestSocket connect() { return connect_to(server_->addresses()[0].port); }

  TestClock clock_;
  TestService service_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerLimitsTest, AConnectionThatSaysNothingEndsWithoutAWord) {
  start(quick());
  auto silent = connect();
  EXPECT_TRUE(silent.is_ended());
}

#ifndef __SANITIZE_ADDRESS__  // FewDescriptors
TEST_F(ServerLimitsTest, WithoutADescriptorConnectionsWaitAndItIsTold) {
  auto options = quick();
  options.idle_timeout = options.head_timeout = std::chrono::seconds(30);
  std::promise<int> told;
  std::atomic<int> times = 0;
  options.on_accept_failed = [&](int error) {
    if (times++ == 0) told.set_value(error);
  };
  start(options);
  auto why = told.get_future();
  std::optional<TestSocket> waiting;
  {
    const FewDescriptors one_left(1);  // the client gets it
    waiting.emplace(connect());
    ASSERT_EQ(why.wait_for(kPatience), std::future_status::ready);
    EXPECT_EQ(why.get(), EMFILE);
    waiting->write(kGet);
    EXPECT_FALSE(waiting->readable_within(milliseconds(30)));
  }
  EXPECT_THAT(waiting->read_message(), StartsWith("HTTP/1.1 200 ")) << "served, once there is one";
}
#endif

TEST_F(ServerLimitsTest, AHeadThatStopsHalfwayIs408) {
  start(quick());
  auto halfway = connect();
  halfway.write("GET / HTTP/1.1\r\nHo");
  EXPECT_THAT(halfway.read_message(), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(halfway.is_ended());
}

TEST_F(ServerLimitsTest, AHeadThatTricklesIs408) {
  start(quick());
  auto slow = connect();
  slow.write("GET / HTTP/1.1\r\n");
  while (!slow.readable_within(milliseconds(5))) ASSERT_TRUE(slow.write("x: y\r\n"));
  EXPECT_THAT(slow.read_message(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(ServerLimitsTest, ASecondHeadHasItsOwnDeadline) {
  auto options = quick();
  options.idle_timeout = std::chrono::seconds(30);
  start(options);
  auto client = connect();
  client.write(kGet);
  client.read_message();
  client.write("GET");
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(ServerLimitsTest, ABodyThatTricklesIs408) {
  start(quick());
  auto slow = connect();
  slow.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  while (!slow.readable_within(milliseconds(50))) ASSERT_TRUE(slow.write("x"));
  EXPECT_THAT(slow.read_message(), StartsWith("HTTP/1.1 408 "));
  EXPECT_TRUE(slow.is_ended());
}

TEST_F(ServerLimitsTest, ASlowButSteadyBodyIsTaken) {
  auto options = quick();
  options.min_bytes_per_second = 10;
  start(options);
  auto client = connect();
  client.write("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n");
  for (int i = 0; i < 40; ++i) {
    ASSERT_FALSE(client.readable_within(milliseconds(5)));
    ASSERT_TRUE(client.write("x"));
  }
  EXPECT_THAT(client.read_message(), EndsWith("POST /x " + std::string(40, 'x')));
}

TEST_F(ServerLimitsTest, AnIdleConnectionEndsWithoutAWord) {
  start(quick());
  auto client = connect();
  client.write(kGet);
  EXPECT_THAT(client.read_message(), EndsWith("GET /x "));
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerLimitsTest, ARequestInHandHasAllTheTimeItNeeds) {
  start(quick());
  auto client = connect();
  client.write(kGetHeld);
  auto held = service_.take_held();
  EXPECT_FALSE(client.readable_within(milliseconds(300)));
  held.respond({.body = "done"});
  EXPECT_THAT(client.read_message(), EndsWith("done"));
}

TEST_F(ServerLimitsTest, AClientThatDoesNotReadItsReplyIsCutOff) {
  auto options = quick();
  options.min_bytes_per_second = 1'000'000'000;
  start(options);
  auto client = connect();
  client.write("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(client.readable_within(kPatience));
  while (server_->open_connections() > 0) std::this_thread::yield();
  EXPECT_LT(client.read_to_end().size(), TestService::kBigReply);
}

TEST_F(ServerLimitsTest, TheIdleLimitIsAnnouncedAndKept) {
  auto options = quick();
  options.idle_timeout = std::chrono::seconds(1);
  start(options);
  auto client = connect();
  client.write(kGet);
  EXPECT_THAT(client.read_message(), HasSubstr("\r\nKeep-Alive: timeout=1\r\n"));
  EXPECT_FALSE(client.readable_within(milliseconds(1000)));
  client.write("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_message(), testing::Not(HasSubstr("Keep-Alive")));
}

TEST_F(ServerLimitsTest, AReplyThatTakesForEverIsCutOff) {
  ServerOptions options;
  options.reply_patience = milliseconds(100);
  options.late_bytes_per_second = 1'000'000'000;
  options.sweep_interval = milliseconds(10);
  start(options);
  auto client = connect();
  client.write("GET /file HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(client.readable_within(kPatience));
  while (server_->open_connections() > 0) std::this_thread::yield();
  EXPECT_LT(client.read_to_end().size(), TestService::kBigReply);
}

TEST_F(ServerLimitsTest, UnreadRepliesAreBoundedInAllAndTheLargestGoes) {
  ServerOptions options;
  options.max_unread_bytes = TestService::kBigReply + 1024;  // one
  options.max_unread_bytes_per_peer = 2 * options.max_unread_bytes;
  start(options);
  auto first = connect();
  first.write("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(first.readable_within(kPatience));
  EXPECT_EQ(server_->open_connections(), 1u);
  auto second = connect();
  second.write("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  while (server_->open_connections() != 1) std::this_thread::yield();
  auto healthy = connect();
  healthy.write(kGet);
  EXPECT_THAT(healthy.read_message(), EndsWith("GET /x "));
  const auto got = std::max(first.read_message().size(), second.read_message().size());
  EXPECT_GT(got, TestService::kBigReply) << "the one that stayed is whole";
}

// Two bodies of 90 KiB, of which 80 have come: more than may be held.
class UnfinishedBodiesTest : public ServerLimitsTest {
 protected:
  void expect_one_given_up() {
    TestSocket clients[] = {connect(), connect()};
    for (auto& client : clients) {
      client.write("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 92160\r\n\r\n" +
                   std::string(80 * 1024, 'b'));
    }
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    int given_up = -1;
    while (given_up < 0 && std::chrono::steady_clock::now() < deadline) {
      for (int i = 0; i < 2; ++i) {
        if (clients[i].readable_within(milliseconds(1))) given_up = i;
      }
    }
    ASSERT_GE(given_up, 0);
    const auto answer = clients[given_up].read_message();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 503 "));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    clients[given_up].write(std::string(10 * 1024, 'b'));
    EXPECT_TRUE(clients[given_up].is_ended());
    clients[1 - given_up].write(std::string(10 * 1024, 'b'));
    EXPECT_THAT(clients[1 - given_up].read_message(), StartsWith("HTTP/1.1 200 ")) << "there was room";
  }
};

TEST_F(UnfinishedBodiesTest, AreBoundedInAllAndTheLargestIsGivenUp) {
  start({.max_unfinished_bytes = 100 * 1024, .max_unfinished_bytes_per_peer = 1024 * 1024});
  expect_one_given_up();
}

TEST_F(UnfinishedBodiesTest, AreBoundedForEachPeer) {
  start({.max_unfinished_bytes = 1024 * 1024, .max_unfinished_bytes_per_peer = 100 * 1024});
  expect_one_given_up();
}

TEST_F(UnfinishedBodiesTest, OfOneClientMayBeAsLargeAsTheyAre) {
  start({.max_unfinished_bytes = 1024, .max_unfinished_bytes_per_peer = 1024});
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    client.write("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 92160\r\n\r\n" +
                 std::string(80 * 1024, 'b'));
    client.write(std::string(10 * 1024, 'b'));
    EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 200 "));
  }
}

// As many requests at once as count; the last one comes alone, so that whatever was held has been counted
// again.
TEST_F(ServerLimitsTest, WhatWasSentAheadIsHeldNoLongerThanItWaits) {
  start({});
  auto client = connect();
  constexpr int kAhead = 1'000;
  std::string ahead;
  for (int i = 0; i < kAhead; ++i) ahead += kGet;
  client.write(ahead);
  for (int i = 0; i < kAhead; ++i) ASSERT_THAT(client.read_message(), StartsWith("HTTP/1.1 200 "));
  client.write(kGet);
  ASSERT_THAT(client.read_message(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(server_->unread_bytes(), 0u);
}

TEST_F(ServerLimitsTest, BytesOfTheProgramCountForNobody) {
  ServerOptions options;
  options.max_unread_bytes = options.max_unread_bytes_per_peer = 64 * 1024;
  start(options);
  std::vector<TestSocket> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(connect());
    clients.back().write("GET /file HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (auto& client : clients) ASSERT_TRUE(client.readable_within(kPatience));
  EXPECT_EQ(server_->open_connections(), clients.size());
  const auto answer = clients.back().read_message();
  EXPECT_TRUE(answer.ends_with(TestService::file()));
}

TEST_F(ServerLimitsTest, WhoeverSendsOnAfterARefusalIsClosedAndHoldsNobodyUp) {
  start({});
  auto flood = connect();
  flood.write("nonsense\r\n\r\n");
  std::jthread sending([&flood] {
    const std::string bytes(1024 * 1024, 'x');
    while (flood.write(bytes)) {
    }
  });
  auto healthy = connect();
  healthy.write(kGet);
  EXPECT_THAT(healthy.read_message(), EndsWith("GET /x "));
  sending
      .join();  // only because the server closed the connection, long before the time for lingering is over
  EXPECT_THAT(flood.read_message(), StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerLimitsTest, ThoseRefusedTakeNoPlacesFromOthers) {
  ServerOptions options;
  options.max_connections_per_peer = 1;
  options.sweep_interval = milliseconds(10);
  start(options);
  auto first = connect();
  first.write(kGet);
  first.read_message();
  std::vector<TestSocket> more;
  for (int i = 0; i < 400; ++i) more.push_back(connect());
  for (auto& client : more) EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 503 "));
  EXPECT_LE(server_->open_connections(), 65u);
  first.write(kGet);
  EXPECT_THAT(first.read_message(), EndsWith("GET /x "));
}

TEST_F(ServerLimitsTest, AProxyThatIsNamedHasNoLimitOfItsOwn) {
  ServerOptions options;
  options.max_connections_per_peer = 1;
  options.shared_peers = {*Network::parse("127.0.0.0/8")};
  start(options);
  std::vector<TestSocket> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(connect());
    clients.back().write(kGet);
    EXPECT_THAT(clients.back().read_message(), EndsWith("GET /x "));
  }
}

TEST_F(ServerLimitsTest, APeerOverItsLimitGets503AndTheOthersGoOn) {
  ServerOptions options;
  options.max_connections_per_peer = 2;
  start(options);
  auto first = connect();
  auto second = connect();
  first.write(kGet);
  EXPECT_THAT(first.read_message(), EndsWith("GET /x "));
  second.write(kGet);
  EXPECT_THAT(second.read_message(), EndsWith("GET /x "));
  auto third = connect();
  EXPECT_THAT(third.read_message(), StartsWith("HTTP/1.1 503 "));
  EXPECT_TRUE(third.is_ended());

  first.close();
  while (true) {  // until the server has noticed that the first one left
    auto again = connect();
    again.write(kGet);
    if (again.read_message().starts_with("HTTP/1.1 200 ")) break;
  }
}

TEST_F(ServerLimitsTest, AtTheTotalLimitAcceptingPausesUntilOneLeaves) {
  ServerOptions options;
  options.max_connections = 1;
  start(options);
  auto first = connect();
  first.write(kGet);
  EXPECT_THAT(first.read_message(), EndsWith("GET /x "));
  auto second = connect();  // by the kernel
  second.write(kGet);
  EXPECT_FALSE(second.readable_within(milliseconds(100)));
  EXPECT_EQ(server_->open_connections(), 1u);
  first.close();
  EXPECT_THAT(second.read_message(), EndsWith("GET /x "));
}

TEST_F(ServerLimitsTest, AClientThatNeverClosesIsNotWaitedForLong) {
  auto options = quick();
  options.linger = milliseconds(50);
  start(options);
  auto client = connect();
  client.write("nonsense\r\n\r\n");
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 400 "));
  EXPECT_TRUE(server_->drain(kPatience));
  EXPECT_EQ(server_->open_connections(), 0u);
}

TEST_F(ServerLimitsTest, DrainAnswersWhatIsInHandAndEndsTheRest) {
  start({});
  auto idle = connect();
  idle.write(kGet);
  idle.read_message();
  auto fresh = connect();
  auto busy = connect();
  busy.write(kGetHeld + kGet);
  auto held = service_.take_held();
  while (server_->open_connections() < 3) std::this_thread::yield();
  const auto port = server_->addresses()[0].port;

  EXPECT_FALSE(server_->drain(milliseconds(1)));
  EXPECT_TRUE(idle.is_ended());
  EXPECT_TRUE(fresh.is_ended());
  EXPECT_TRUE(open_listener(SocketAddress::make(*IpAddress::parse("127.0.0.1"), port)));
  held.respond({.body = "last"});
  const auto answer = busy.read_message();
  EXPECT_THAT(answer, HasSubstr("close\r\n"));
  EXPECT_THAT(answer, EndsWith("last"));
  EXPECT_TRUE(busy.is_ended());
  idle.close();
  fresh.close();
  busy.close();
  EXPECT_TRUE(server_->drain(kPatience));
}

TEST_F(ServerLimitsTest, AServerThatEndsWithConnectionsOpenEndsThem) {
  start({});
  auto client = connect();
  client.write(kGetHeld);
  service_.take_held();
  server_.reset();
  EXPECT_TRUE(client.is_ended());
}

}  // namespace
}  // namespace exposee::net

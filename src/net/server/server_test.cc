#include "net/server/server.h"

#include <future>
#include <thread>

#include "net/client/test_doors.h"
#include "net/loop/test_socket.h"
#include "net/server/test_service.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ServerTest : public testing::Test {
 protected:
  void start(ServerOptions options = {}, const std::string& host = "127.0.0.1") {
    server_ = std::make_unique<Server>(clock_, options);
    ASSERT_TRUE(server_->listen({{host, 0}}));
    server_->start(service_);
  }
  std::uint16_t port() const { return server_->addresses().at(0).port; }
  TestSocket connect() { return connect_to(port()); }

  TestClock clock_;
  TestService service_;
  std::unique_ptr<Server> server_;
};

std::string post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}
std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

TEST_F(ServerTest, AnswersARequestAndKeepsTheConnection) {
  start();
  auto client = connect();
  for (int i = 0; i < 3; ++i) {
    client.write(post("/users", "{\"a\":1}"));
    const auto answer = client.read_message();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nKeep-Alive: timeout=75\r\n"));
    EXPECT_THAT(answer, HasSubstr("Wed, 07 May 2025 04:03:10 GMT\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nPOST /users {\"a\":1}"));
  }
  EXPECT_EQ(server_->open_connections(), 1u);
}

TEST_F(ServerTest, TheServiceIsToldWhoAsks) {
  start();
  auto client = connect();
  client.write(get("/held"));
  const auto held = service_.take_held();
  EXPECT_EQ(held.request.peer, "127.0.0.1:" + std::to_string(local_address(client.fd()).port()));
}

TEST_F(ServerTest, RequestsMayComeByteByByte) {
  start();
  auto client = connect();
  const auto request = post("/x", "hello");
  for (const char c : request + request) ASSERT_TRUE(client.write({&c, 1}));
  EXPECT_THAT(client.read_message(), EndsWith("POST /x hello"));
  EXPECT_THAT(client.read_message(), EndsWith("POST /x hello"));
}

TEST_F(ServerTest, ChunkedBodiesAreTaken) {
  start();
  auto client = connect();
  client.write(
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_THAT(client.read_message(), EndsWith("POST /x abcde"));
}

TEST_F(ServerTest, PipelinedRequestsAreInHandOneAtATimeAndAnsweredInOrder) {
  start();
  auto client = connect();
  client.write(post("/held/1", "") + post("/held/2", "b") + get("/3"));
  auto first = service_.take_held();
  EXPECT_EQ(first.request.target, "/held/1");
  EXPECT_EQ(service_.count_held(), 0u);
  first.respond({.body = "first"});
  auto second = service_.take_held();
  second.respond({.body = "second"});
  EXPECT_THAT(client.read_message(), EndsWith("first"));
  EXPECT_THAT(client.read_message(), EndsWith("second"));
  EXPECT_THAT(client.read_message(), EndsWith("GET /3 "));
}

TEST_F(ServerTest, ManyPipelinedRequestsAreAllAnswered) {
  start();
  auto client = connect();
  constexpr int kCount = 2000;
  std::string all;
  for (int i = 0; i < kCount; ++i) all += post("/" + std::to_string(i), "x");
  ASSERT_TRUE(client.write(all));
  for (int i = 0; i < kCount; ++i)
    ASSERT_THAT(client.read_message(), EndsWith("POST /" + std::to_string(i) + " x"));
}

TEST_F(ServerTest, BodiesThatComeAsGzipAreHandedOnDecoded) {
  start();
  auto client = connect();
  using namespace std::string_view_literals;
  constexpr auto kHello =
      "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0"sv;
  client.write("POST /x HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: " +
               std::to_string(kHello.size()) + "\r\n\r\n" + std::string(kHello));
  EXPECT_THAT(client.read_message(), EndsWith("POST /x hello"));
  client.write("POST /x HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 400 "));
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, AnotherContentCodingIsRefusedBeforeTheBodyComes) {
  start();
  auto client = connect();
  client.write("POST /x HTTP/1.1\r\nHost: a\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\n");
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 415 "));
}

TEST_F(ServerTest, LargeRepliesArriveWholeHoweverManyAskAtOnce) {
  ServerOptions options;
  options.max_unread_bytes = options.max_unread_bytes_per_peer = 1024 * 1024 * 1024;
  start(options);
  std::vector<TestSocket> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(connect());
    clients.back().write(get(i % 2 == 0 ? "/big" : "/file") + get("/next"));
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const std::string answer = clients[i].read_message();
    ASSERT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, TestService::kBigReply);
    EXPECT_EQ(answer.find_first_not_of(i % 2 == 0 ? 'b' : 'f', answer.find("\r\n\r\n") + 4), answer.npos);
    EXPECT_THAT(clients[i].read_message(), EndsWith("GET /next "));
  }
}

TEST_F(ServerTest, HeadGetsTheHeadOfItsGet) {
  start();
  auto client = connect();
  client.write("HEAD /thing HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_THAT(head, HasSubstr(": 12\r\n"));  // "HEAD /thing " is the body that stays away
  client.write(get("/next"));
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, ExpectContinueIsToldToGoOnBeforeTheBodyComes) {
  start();
  auto client = connect();
  client.write("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.write("hello");
  EXPECT_THAT(client.read_message(), EndsWith("POST /x hello"));
}

TEST_F(ServerTest, ExpectContinueWithTooLargeABodyIsRefusedAtOnce) {
  start();
  auto client = connect();
  client.write("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, AHalfClosedClientGetsItsReplies) {
  start();
  auto client = connect();
  client.write(get("/1") + get("/held"));
  client.shutdown_write();
  EXPECT_THAT(client.read_message(), EndsWith("GET /1 "));
  service_.take_held().respond({.body = "late"});
  EXPECT_THAT(client.read_message(), EndsWith("late"));
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, AReplyMayBeMadeByTheServersThread) {
  start();
  auto client = connect();
  client.write(get("/held") + get("/held") + get("/3"));
  std::thread::id maker;
  auto held = service_.take_held();
  held.respond.with([&] {
    maker = std::this_thread::get_id();
    return http::Response{.body = "made"};
  });
  EXPECT_THAT(client.read_message(), EndsWith("made"));
  EXPECT_NE(maker, std::this_thread::get_id());
  std::promise<void> made;
  held.respond.with([&] {
    made.set_value();
    return http::Response{.body = "twice"};
  });
  made.get_future().wait();  // also what nobody waits for any more
  service_.take_held().respond({.body = "second"});
  EXPECT_THAT(client.read_message(), EndsWith("second"));
  EXPECT_THAT(client.read_message(), EndsWith("GET /3 "));
}

TEST_F(ServerTest, Http10EndsWithItsReplyUnlessItAsksOtherwise) {
  start();
  auto client = connect();
  client.write("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.read_message(), EndsWith("GET /1 "));
  client.write("GET /2 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.read_message(), EndsWith("GET /2 "));
  EXPECT_TRUE(client.is_ended());
}

TEST_F(ServerTest, RepliesMayComeFromAnyThreadAndAfterTheClientLeft) {
  start();
  auto client = connect();
  client.write(get("/held"));
  auto held = service_.take_held();
  client.reset();
  auto other = connect();
  other.write(get("/held"));
  auto second = service_.take_held();
  held.respond({.body = "to nobody"});
  second.respond({.body = "here"});
  second.respond({.body = "twice"});
  EXPECT_THAT(other.read_message(), EndsWith("here"));
  other.write(get("/next"));
  EXPECT_THAT(other.read_message(), EndsWith("GET /next "));
}

TEST_F(ServerTest, ABigReplyReachesAClientThatReadsLate) {
  start();
  auto client = connect();
  client.write(get("/big") + get("/after"));
  const auto head = client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read_exactly(TestService::kBigReply).size(), TestService::kBigReply);
  EXPECT_THAT(client.read_message(), EndsWith("GET /after "));
}

TEST_F(ServerTest, AReplyMayEndTheConnection) {
  start();
  auto client = connect();
  client.write(get("/held"));
  service_.take_held().respond({.body = "bye", .close = true});
  const auto answer = client.read_message();
  EXPECT_THAT(answer, HasSubstr("close\r\n"));
  EXPECT_TRUE(client.is_ended());
}

struct Refusal {
  std::string name;
  std::string request;
  int status;
};
class ServerRefusalTest : public ServerTest, public testing::WithParamInterface<Refusal> {};

TEST_P(ServerRefusalTest, IsAnsweredThenClosedAndNothingAfterItIsRead) {
  start();
  auto client = connect();
  client.write(GetParam().request + get("/smuggled"));
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 " + std::to_string(GetParam().status) + " "));
  EXPECT_TRUE(client.is_ended());
  auto next = connect();
  next.write(get("/healthy"));
  EXPECT_THAT(next.read_message(), EndsWith("GET /healthy "));
}

INSTANTIATE_TEST_SUITE_P(
    All, ServerRefusalTest,
    testing::Values(
        Refusal{"NoHttp", "hello\r\n\r\n", 400},
        Refusal{"TwoLengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                400},
        Refusal{"LengthAndCoding",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Refusal{"BareLf", "GET / HTTP/1.1\nHost: a\n\n", 400},
        Refusal{"BrokenChunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        Refusal{"LongLine", "GET /" + std::string(9 * 1024, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        Refusal{"LongFields", "GET / HTTP/1.1\r\nHost: a\r\nx: " + std::string(17 * 1024, 'a') + "\r\n\r\n",
                431},
        Refusal{"LongBody", post("/small", std::string(101, 'x')), 413},
        Refusal{"LongChunk", "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n",
                413},
        Refusal{"OtherVersion", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505}),
    [](const auto& info) { return info.param.name; });

TEST_F(ServerTest, AClientStillSendingSeesTheRefusal) {
  start();
  auto client = connect();
  const std::string body(4 * 1024 * 1024, 'x');
  client.write("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n");
  client.write(body);  // may fail: a megabyte is read, and not more
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, ListensOnIpv6WhereThereIsAnyAndRefusesItWhereThereIsNone) {
  if (!machine_has_ipv6()) {
    EXPECT_FALSE(Server(clock_).listen({{"::1", 0}}));
    return;
  }
  start({}, "::1");
  auto client = connect_to(port(), "::1");
  client.write(get("/six"));
  EXPECT_THAT(client.read_message(), EndsWith("GET /six "));
  EXPECT_EQ(server_->addresses()[0].text(), "[::1]:" + std::to_string(port()));
}

TEST_F(ServerTest, SeveralAddressesAndNamesAreListenedOn) {
  server_ = std::make_unique<Server>(clock_);
  ASSERT_TRUE(server_->listen({{"127.0.0.1", 0}, {"localhost", 0}}));
  server_->start(service_);
  ASSERT_GE(server_->addresses().size(), 2u);
  for (const auto& address : server_->addresses()) {
    auto client = connect_to(address.port, address.host);
    client.write(get("/"));
    EXPECT_THAT(client.read_message(), EndsWith("GET / "));
  }
}

TEST_F(ServerTest, ATakenPortAndAForeignAddressAreRefused) {
  TestListener other;
  Server server(clock_);
  const auto taken = server.listen({{"127.0.0.1", 0}, {"127.0.0.1", other.port()}});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::conflict);
  EXPECT_TRUE(server.addresses().empty());
  const auto foreign = server.listen({{"192.0.2.1", 0}});
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace exposee::net

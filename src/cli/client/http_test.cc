#include "cli/client/http.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "cli/client/curl_library.h"
#include "cli/client/fake_server_for_test.h"

namespace exposee::cli {
namespace {

using namespace std::chrono_literals;

HttpCall call_to(const std::string& base, std::string method = "GET") {
  return {.method = std::move(method), .url = parse_server_url(base + "/livez").value(), .timeout = 10s};
}

TEST(HttpCall, AsksPlainlyAndReadsTheReply) {
  FakeServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const auto reply = http_call(call_to(server.url()));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "ok");
  const std::string& request = server.request();
  EXPECT_TRUE(request.starts_with("GET /livez HTTP/1.1\r\n")) << request;
  EXPECT_THAT(request, testing::HasSubstr("Host: 127.0.0.1:"));
  EXPECT_THAT(request, testing::HasSubstr("User-Agent: Exposee/" EXPOSEE_VERSION "\r\n"));
}

TEST(HttpCall, SendsABodyWithAnyMethod) {
  for (const char* method : {"POST", "DELETE"}) {
    FakeServer server("HTTP/1.1 204 No Content\r\n\r\n");
    auto call = call_to(server.url(), method);
    call.body = R"({"a":1})";
    call.idempotency_key = "k1";
    const auto reply = http_call(call);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->status, 204);
    const std::string& request = server.request();
    EXPECT_TRUE(request.starts_with(std::string(method) + " /livez HTTP/1.1\r\n")) << request;
    EXPECT_THAT(request, testing::HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(request, testing::HasSubstr("Content-Length: 7\r\n"));
    EXPECT_THAT(request, testing::HasSubstr("Idempotency-Key: k1\r\n"));
    EXPECT_EQ(request.find("Expect"), std::string::npos);
  }
}

TEST(HttpCall, ReadsABodyThatEndsWithTheConnection) {
  FakeServer server("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\ndraining");
  const auto reply = http_call(call_to(server.url()));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->body, "draining");
}

TEST(HttpCall, FollowsNoRedirect) {
  FakeServer server("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  const auto reply = http_call(call_to(server.url()));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->status, 302);
}

TEST(HttpCall, TellsWhyThereIsNoReply) {
  const struct {
    const char* bytes;
    FakeServer::Mode mode;
    HttpFailure failure;
    const char* words;
  } rows[] = {
      {"", FakeServer::Mode::closed, HttpFailure::unreachable, "Connection refused"},
      {"", FakeServer::Mode::answering, HttpFailure::broke_off, "The connection ended"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", FakeServer::Mode::answering, HttpFailure::broke_off,
       "The connection ended"},
      {"SSH-2.0-OpenSSH\r\n\r\n", FakeServer::Mode::answering, HttpFailure::bad_reply, ""},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789", FakeServer::Mode::answering, HttpFailure::bad_reply,
       "longer than 8 bytes"}};
  for (const auto& row : rows) {
    FakeServer server(row.bytes, row.mode);
    auto call = call_to(server.url());
    call.max_reply_bytes = 8;
    const auto reply = http_call(call);
    ASSERT_FALSE(reply) << row.bytes;
    EXPECT_EQ(reply.error().failure, row.failure) << row.bytes << reply.error().message;
    EXPECT_THAT(reply.error().message, testing::HasSubstr(row.words));
  }
}

TEST(HttpCall, GivesUpAtTheDeadline) {
  FakeServer server("", FakeServer::Mode::listening);
  auto call = call_to(server.url());
  call.timeout = 20ms;
  const auto reply = http_call(call);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().failure, HttpFailure::timed_out);
}

TEST(HttpCall, NoProxyStandsBeforeThisMachine) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  FakeServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const auto reply = http_call(call_to(server.url()));
  const auto far = http_call(call_to("http://shop.invalid"));  // the proxy refuses before a name is asked for
  ::unsetenv("http_proxy");
  EXPECT_TRUE(reply) << reply.error().message;
  ASSERT_FALSE(far);
  EXPECT_EQ(far.error().message, "Connection refused");
}

TEST(HttpCall, LoopbackIsKnownByItsAddressAndItsName) {
  const struct {
    const char* url;
    bool loopback;
  } rows[] = {{"http://127.0.0.1:8000", true},     {"http://127.9.9.9", true},   {"http://[::1]:8000", true},
              {"http://localhost:8000", true},     {"http://a.localhost", true}, {"http://10.0.0.1", false},
              {"http://localhost.example", false}, {"https://[fe80::1]", false}};
  for (const auto& row : rows) EXPECT_EQ(is_loopback(parse_server_url(row.url).value()), row.loopback) << row.url;
}

TEST(CurlLibrary, OneThatIsNotThereIsNamedWithTheWayOut) {
  const auto curl = load_curl("libno-such-library.so.4");
  ASSERT_FALSE(curl);
  EXPECT_THAT(curl.error(), testing::HasSubstr("libno-such-library.so.4"));
  EXPECT_THAT(curl.error(), testing::HasSubstr("apt-get install libcurl4"));
}

}  // namespace
}  // namespace exposee::cli

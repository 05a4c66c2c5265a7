#include "app/cli/http_get.h"

#include <gtest/gtest.h>

#include "app/cli/fake_server_for_test.h"
#include "app/run/system_doors.h"

namespace exposee::app {
namespace {

using namespace std::chrono_literals;

// An hour passes between two looks at it.
class HurryingClock final : public Clock {
 public:
  Instant now() const override { return from_micros(0); }
  Duration monotonic() const override { return std::chrono::hours(hours_++); }

 private:
  mutable std::int64_t hours_ = 0;
};

std::expected<HttpAnswer, HttpError> get(const FakeServer& server, const Clock& clock = SystemClock()) {
  return http_get(parse_url(server.url() + "/livez").value(), 10s, clock);
}

TEST(HttpGet, AsksPlainlyAndReadsTheAnswer) {
  FakeServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  const auto answer = get(server);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "ok");
  const std::string& request = server.request();
  EXPECT_TRUE(request.starts_with("GET /livez HTTP/1.1\r\n")) << request;
  EXPECT_THAT(request, testing::HasSubstr("Host: 127.0.0.1:"));
}

TEST(HttpGet, ReadsABodyThatEndsWithTheConnection) {
  FakeServer server("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\ndraining");
  const auto answer = get(server);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "draining");
}

TEST(HttpGet, TellsWhyThereIsNoAnswer) {
  const struct {
    const char* bytes;
    FakeServer::Mode mode;
    HttpFailure failure;
  } rows[] = {{"", FakeServer::Mode::closed, HttpFailure::unreachable},
              {"", FakeServer::Mode::answering, HttpFailure::unreachable},
              {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", FakeServer::Mode::answering,
               HttpFailure::unreachable},
              {"SSH-2.0-OpenSSH\r\n\r\n", FakeServer::Mode::answering, HttpFailure::bad_answer}};
  for (const auto& row : rows) {
    FakeServer server(row.bytes, row.mode);
    const auto answer = get(server);
    ASSERT_FALSE(answer) << row.bytes;
    EXPECT_EQ(answer.error().failure, row.failure) << row.bytes << answer.error().message;
    EXPECT_FALSE(answer.error().message.empty());
  }
}

TEST(HttpGet, GivesUpAtTheDeadline) {
  FakeServer server("", FakeServer::Mode::listening);
  HurryingClock clock;
  const auto answer = get(server, clock);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().failure, HttpFailure::timed_out);
}

}  // namespace
}  // namespace exposee::app

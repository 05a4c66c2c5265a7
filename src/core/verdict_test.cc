#include "core/verdict.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace exposee {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow = from_micros(784'111'777'000'000);  // Sun, 06 Nov 1994 08:49:37 GMT

Verdict judge_status(int status, std::string webhook_delivery = {}, std::string retry_after = {}) {
  Response response;
  response.status = status;
  response.webhook_delivery = std::move(webhook_delivery);
  response.retry_after = std::move(retry_after);
  return judge(response, kNow);
}

TEST(Verdict, EveryStatusHasItsOutcome) {
  for (int status = 100; status <= 999; ++status) {
    const Verdict verdict = judge_status(status);
    const bool success = status >= 200 && status <= 299;
    const auto failure = status == 410 ? VerdictKind::disable : VerdictKind::retry;
    EXPECT_EQ(verdict.kind, success ? VerdictKind::success : failure) << status;
    EXPECT_EQ(verdict.cause, success ? Cause::none : Cause::http) << status;
    EXPECT_EQ(verdict.slow_down, status == 429 || (status >= 502 && status <= 504)) << status;
    EXPECT_EQ(verdict.disable_endpoint, status == 410) << status;
    EXPECT_EQ(verdict.retry_after, std::nullopt) << status;
  }
}

TEST(Verdict, WithoutAResponseTheCauseIsKeptAndItIsTriedAgain) {
  for (const Cause cause : {Cause::timeout, Cause::dns, Cause::connect, Cause::tls, Cause::blocked,
                            Cause::closed, Cause::bad_response}) {
    Response response;
    response.cause = cause;
    const Verdict verdict = judge(response, kNow);
    EXPECT_EQ(verdict.kind, VerdictKind::retry);
    EXPECT_EQ(verdict.cause, cause);
    EXPECT_FALSE(verdict.slow_down);
    EXPECT_FALSE(verdict.disable_endpoint);
    EXPECT_EQ(verdict.retry_after, std::nullopt);
  }
}

TEST(Verdict, TheReceiverMayAskToStop) {
  struct Row {
    int status;
    std::string_view header;
    VerdictKind kind;
    bool disable;
  };
  const std::vector<Row> rows = {
      {500, "abort", VerdictKind::abort, false},   {500, "disable", VerdictKind::disable, true},
      {302, "Abort", VerdictKind::abort, false},   {404, " DISABLE\t", VerdictKind::disable, true},
      {410, "abort", VerdictKind::disable, true},  {410, "disable", VerdictKind::disable, true},
      {500, "aborted", VerdictKind::retry, false}, {500, "", VerdictKind::retry, false},
      {500, " ", VerdictKind::retry, false},       {500, "abort, disable", VerdictKind::retry, false},
      {200, "abort", VerdictKind::success, false}, {204, "disable", VerdictKind::success, true}};
  for (const auto& row : rows) {
    const Verdict verdict = judge_status(row.status, std::string(row.header));
    EXPECT_EQ(verdict.kind, row.kind) << row.status << ' ' << row.header;
    EXPECT_EQ(verdict.disable_endpoint, row.disable) << row.status << ' ' << row.header;
  }
}

TEST(Verdict, RetryAfterCountsOnEveryFailureThatIsTriedAgain) {
  for (const int status : {301, 400, 429, 500, 503})
    EXPECT_EQ(judge_status(status, {}, "7").retry_after, 7s) << status;
  EXPECT_EQ(judge_status(503, {}, "Sun, 06 Nov 1994 08:50:37 GMT").retry_after, 60s);
  EXPECT_EQ(judge_status(503, {}, "604800").retry_after, 24h);
  EXPECT_EQ(judge_status(503, {}, "-1").retry_after, std::nullopt);
  EXPECT_EQ(judge_status(503, {}, "soon").retry_after, std::nullopt);
  EXPECT_EQ(judge_status(200, {}, "7").retry_after, std::nullopt);
  EXPECT_EQ(judge_status(410, {}, "7").retry_after, std::nullopt);
  EXPECT_EQ(judge_status(503, "abort", "7").retry_after, std::nullopt);
}

TEST(Verdict, ARetryAfterOf429And503IsAboutTheReceiverAltogether) {
  for (const int status : {429, 503}) EXPECT_EQ(judge_status(status, {}, "7").hold, 7s) << status;
  for (const int status : {200, 301, 400, 410, 500, 502, 504})
    EXPECT_EQ(judge_status(status, {}, "7").hold, std::nullopt) << status;
  EXPECT_EQ(judge_status(429, {}, "Sun, 06 Nov 1994 08:50:37 GMT").hold, 60s);
  EXPECT_EQ(judge_status(503, {}, "604800").hold, 1h) << "the delivery waits longer than the endpoint";
  EXPECT_EQ(judge_status(503, "abort", "7").hold, 7s);
  EXPECT_EQ(judge_status(503, "disable", "7").hold, std::nullopt);
  for (const char* none : {"", "0", "soon", "Sun, 06 Nov 1994 08:49:37 GMT"})
    EXPECT_EQ(judge_status(429, {}, none).hold, std::nullopt) << none;
}

TEST(Verdict, AnEndpointMayBoundWhatARetryAfterDoes) {
  using Span = std::optional<Duration>;
  const struct {
    int status;
    std::string_view header;
    Span most, retry_after, hold;
  } rows[] = {
      {429, "60", {}, 60s, 60s},     {429, "60", 10s, 10s, 10s},
      {429, "60", 24h, 60s, 60s},    {429, "60", 0s, {}, {}},
      {429, "0", 10s, 0s, {}},       {429, "", 10s, {}, {}},
      {503, "604800", 24h, 24h, 1h}, {503, "604800", 30min, 30min, 30min},
      {500, "60", 10s, 10s, {}},     {503, "Sun, 06 Nov 1994 09:49:37 GMT", 10s, 10s, 10s},
      {200, "60", 10s, {}, {}},
  };
  for (const auto& row : rows) {
    Response response;
    response.status = row.status;
    response.retry_after = row.header;
    const auto verdict = judge(response, kNow, row.most);
    EXPECT_EQ(verdict.retry_after, row.retry_after) << row.status << " " << row.header;
    EXPECT_EQ(verdict.hold, row.hold) << row.status << " " << row.header;
  }
}

TEST(VerdictDeathTest, NoResponseWithoutACauseIsABrokenPromise) {
  EXPECT_DEATH(judge(Response{}, kNow), "there is a cause");
}

}  // namespace
}  // namespace exposee

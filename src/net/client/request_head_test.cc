#include "net/client/request_head.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "http/request_parser.h"
#include "net/client/test_doors.h"

namespace exposee::net {
namespace {

using testing::MatchesRegex;
using testing::StartsWith;

class RequestHeadTest : public testing::Test {
 protected:
  RequestHeadTest() {
    auto event = std::make_shared<Event>();
    event->id = EventId{{1, 2, 3}};
    event->type_name = "order.größe";
    event->body = "{\"n\":1}";
    auto target = std::make_shared<Target>();
    target->url = *parse_url("https://hooks.example.com:8443/a/b?c=d");
    target->keys.push_back(*SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    target->keys.push_back(*SigningKey::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"));
    job_.target = target;
    job_.event = event;
    job_.attempt = 3;
  }

  // Read back by the parser of the other side.
  http::Request written() {
    std::string head;
    heads_.write(target_head(*job_.target), job_, now_, head);
    http::RequestParser parser;
    const auto step = parser.feed(head);
    EXPECT_EQ(step.state, http::ReadState::head_complete);
    parser.set_body_limit(1000);
    EXPECT_EQ(parser.feed(std::string_view(head).substr(step.consumed)).state, http::ReadState::need_more);
    EXPECT_EQ(parser.feed(job_.event->body).state, http::ReadState::complete);
    return std::move(parser.request());
  }

  TestRandom random_;
  RequestHeads heads_{random_};
  SendJob job_;
  Instant now_ = from_micros(1'674'087'231'999'999);
};

TEST_F(RequestHeadTest, SaysAllThatIsPromised) {
  const auto request = written();
  EXPECT_EQ(request.method, http::Method::post);
  EXPECT_EQ(request.target, "/a/b?c=d");
  EXPECT_EQ(request.header("host"), "hooks.example.com:8443");
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(request.header("user-agent"), "Exposee/" EXPOSEE_VERSION);
  EXPECT_EQ(request.header("webhook-id"), message_id_text(job_.event->id));
  EXPECT_EQ(request.header("webhook-timestamp"), "1674087231");
  EXPECT_EQ(request.header("webhook-event"), "order.gr%C3%B6%C3%9Fe");
  EXPECT_EQ(request.header("webhook-attempt"), "3");
  EXPECT_EQ(request.body, job_.event->body);
}

TEST_F(RequestHeadTest, TheSignatureHoldsForWhatIsSentUnderEveryKey) {
  const auto request = written();
  const auto signature = *request.header("webhook-signature");
  EXPECT_EQ(std::count(signature.begin(), signature.end(), ' '), 1);
  for (const auto& key : job_.target->keys) {
    EXPECT_TRUE(verify_signature(key, *request.header("webhook-id"), 1'674'087'231, request.body, signature));
  }
}

TEST_F(RequestHeadTest, AMessageIdOfTheJobGoesBeforeThatOfTheEvent) {
  EXPECT_THAT(std::string(*written().header("webhook-id")), StartsWith("msg_"));
  job_.message_id = "msg_ping";
  EXPECT_EQ(written().header("webhook-id"), "msg_ping");
  job_.message_id.clear();
  auto other = std::make_shared<Event>(*job_.event);
  other->id = EventId{{9}};
  job_.event = other;
  EXPECT_EQ(written().header("webhook-id"), message_id_text(other->id));
}

TEST_F(RequestHeadTest, EveryAttemptHasATraceOfItsOwn) {
  std::set<std::string> traces;
  for (int i = 0; i < 100; ++i) {
    const auto request = written();
    const std::string trace(*request.header("traceparent"));
    EXPECT_THAT(trace, MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-01"));
    EXPECT_TRUE(traces.insert(trace.substr(3, 32)).second);
  }
}

TEST(EventHeaderTest, EncodesWhatAHeaderMayNotCarry) {
  std::string scratch;
  EXPECT_EQ(event_header("order.paid_v-2", scratch), "order.paid_v-2");
  EXPECT_EQ(event_header("größe", scratch), "gr%C3%B6%C3%9Fe");
  EXPECT_EQ(event_header("a b%\r\n\x7f", scratch), "a%20b%25%0D%0A%7F");
}

}  // namespace
}  // namespace exposee::net

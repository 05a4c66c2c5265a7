#include "api/test_deliveries.h"
#include "fakes/test_api.h"

namespace exposee::api {
namespace {

void register_url(TestApi& api, std::string_view event, std::string_view url) {
  const boost::json::object body{{"event", boost::json::string_view(event.data(), event.size())},
                                 {"url", boost::json::string_view(url.data(), url.size())}};
  ASSERT_EQ(api.call("POST", "/webhook", boost::json::serialize(body)).status, 200) << url;
}

TEST(Ping, ReportsEveryReceiverInTheOrderOfRegistration) {
  TestApi api;
  api.sender.answer_with([](const SendJob& job) {
    const std::string& path = job.target->url.target;
    if (path == "/json") return response_of(201, " {\"big\": 12345678901234567890123} ");
    if (path == "/text") return response_of(200, "ok");
    if (path == "/empty") return response_of(204);
    Response answer = response_of(path == "/gone" ? 404 : 0);
    answer.reason = path == "/gone" ? "Not Found" : "";
    answer.cause = path == "/gone" ? Cause::none : Cause::timeout;
    answer.detail = path == "/gone" ? "" : "Timed out after 15 s";
    return answer;
  });
  for (const std::string_view path : {"json", "gone", "text", "slow", "empty"}) {
    register_url(api, "user_registered", "http://a.example/" + std::string(path));
  }
  register_url(api, "user_send_message", "http://a.example/json");
  EXPECT_EQ(
      api.call("POST", "/ping").body,
      R"({"message":"Pinged all registered webhooks successfully.","successful_webhooks_count":4,)"
      R"("successful_webhooks":[)"
      R"({"event":"user_registered","url":"http://a.example/json","payload_response":{"big": 12345678901234567890123},"status_code":201},)"
      R"({"event":"user_registered","url":"http://a.example/text","payload_response":{},"status_code":200},)"
      R"({"event":"user_registered","url":"http://a.example/empty","payload_response":{},"status_code":204},)"
      R"({"event":"user_send_message","url":"http://a.example/json","payload_response":{"big": 12345678901234567890123},"status_code":201}],)"
      R"("failed_webhooks_count":2,"failed_webhooks":[)"
      R"({"event":"user_registered","url":"http://a.example/gone","error":"HTTP error: Not Found","status_code":404},)"
      R"({"event":"user_registered","url":"http://a.example/slow","error":"Timed out after 15 s","status_code":null}],)"
      R"("hint":"2 of 6 receivers did not answer 2xx; failed_webhooks says why."})");
}

TEST(Ping, SaysHowLongEachReceiverTookWhenAsked) {
  TestApi api;
  api.sender.answer_with([](const SendJob&) {
    auto answer = response_of(204);
    answer.timing.total = std::chrono::microseconds(12'500);
    return answer;
  });
  register_url(api, "user_registered", "http://a.example/");
  EXPECT_THAT(api.call("POST", "/ping?durations=true").body,
              testing::HasSubstr(R"("status_code":204,"duration_ms":12.500})"));
  EXPECT_THAT(api.call("POST", "/ping").body, testing::HasSubstr(R"("status_code":204}])"));
}

TEST(Ping, AResponseWithoutAReasonPhraseGetsTheStandardOne) {
  TestApi api;
  api.sender.answer_with([](const SendJob&) { return response_of(503); });
  register_url(api, "user_registered", "http://a.example/");
  const auto report = api.call("POST", "/ping").json();
  EXPECT_EQ(report.at("failed_webhooks").at(0).at("error"), "HTTP error: Service Unavailable");
}

TEST(Ping, SendsExactlyEventAndDataWithAFreshIdAndTheEndpointsKey) {
  const struct {
    std::string body, data;
  } rows[] = {
      {"", R"({"message":"Ping from User Notification Webhook Service"})"},
      {"{}", R"({"message":"Ping from User Notification Webhook Service"})"},
      {" { } ", R"({"message":"Ping from User Notification Webhook Service"})"},
      {"null", R"({"message":"Ping from User Notification Webhook Service"})"},
      {"\xEF\xBB\xBF {\"z\": 1.0, \"a\":1e999}\n", R"({"z": 1.0, "a":1e999})"},
  };
  for (const auto& row : rows) {
    TestApi api;
    register_url(api, "user_registered", "http://a.example/");
    EXPECT_EQ(api.call("POST", "/ping", row.body).status, 200) << row.body;
    EXPECT_EQ(api.call("POST", "/ping", row.body).status, 200) << row.body;
    ASSERT_EQ(api.sender.sent.size(), 2u);
    const auto& job = api.sender.sent.front();
    EXPECT_EQ(job.event->body, R"({"event":"user_registered","data":)" + row.data + "}");
    EXPECT_EQ(job.event->type_name, "user_registered");
    EXPECT_EQ(job.attempt, 1u);
    EXPECT_EQ(job.target->keys.size(), 1u);
    EXPECT_NE(job.event->id, api.sender.sent.back().event->id);
  }
}

TEST(Ping, AFilterPicksOneEventAndNothingRegisteredIsNoFault) {
  TestApi api;
  const auto nothing = api.call("POST", "/ping");
  EXPECT_EQ(nothing.body,
            R"({"message":"Pinged all registered webhooks successfully.","successful_webhooks_count":0,)"
            R"("successful_webhooks":[],"failed_webhooks_count":0,"failed_webhooks":[]})");
  register_url(api, "user_registered", "http://a.example/");
  register_url(api, "user_send_message", "http://a.example/");
  const auto one = api.call("POST", "/ping?event_filter=user_send_message").json();
  EXPECT_EQ(one.at("message"), "Pinged webhooks for event 'user_send_message' successfully.");
  EXPECT_EQ(one.at("failed_webhooks_count"), 1);
  EXPECT_EQ(api.call("POST", "/ping?event_filter=").json().at("failed_webhooks_count"), 2);
}

TEST(Ping, WaitsForAllResponses) {
  TestApi api;
  register_url(api, "user_registered", "http://a.example/1");
  register_url(api, "user_registered", "http://a.example/2");
  api.sender.hold();
  const auto call = api.start("POST", "/ping");
  EXPECT_FALSE(api.answered(call));
  api.sender.release();
  EXPECT_EQ(api.wait(call).json().at("failed_webhooks_count"), 2);
}

// An endpoint of every event, so that it stands in the report once for each.
void register_for_all(TestApi& api, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto body = R"({"url":"http://a.example/)" + std::to_string(i) + R"(","events":["*"]})";
    ASSERT_EQ(api.call("POST", "/v1/endpoints", body).status, 201);
  }
}

TEST(Ping, AnEndpointOfManyEventsHasOneTarget) {
  TestApi api;
  register_for_all(api, 1);
  EXPECT_EQ(api.call("POST", "/ping").json().at("failed_webhooks_count"), 2);
  ASSERT_EQ(api.sender.sent.size(), 2u);
  EXPECT_EQ(api.sender.sent.front().target, api.sender.sent.back().target);
}

TEST(Ping, TooManyTestDeliveriesAtOnceAreRefused) {
  TestApi api;
  register_for_all(api, TestDeliveryLimits{}.admitted / 2);
  api.sender.hold();
  const auto first = api.start("POST", "/ping");
  const auto refused = api.call("POST", "/ping");
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(api.sender.waiting(), TestDeliveryLimits{}.concurrency_per_call);
  api.sender.release();
  EXPECT_EQ(api.wait(first).json().at("failed_webhooks_count"), TestDeliveryLimits{}.admitted);
}

TEST(Ping, MoreReceiversThanOneCallPingsAreRefusedWithTheWayToFilter) {
  TestApi api;
  register_for_all(api, TestDeliveryLimits{}.admitted / 2 + 1);
  const auto refused = api.call("POST", "/ping");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.json().at("detail").at(0).at("loc").at(1), "event_filter");
  EXPECT_NE(refused.body.find("name one event"), std::string::npos) << refused.body;
  EXPECT_TRUE(api.sender.sent.empty());
  EXPECT_EQ(api.call("POST", "/ping?event_filter=user_registered").status, 200);
}

}  // namespace
}  // namespace exposee::api

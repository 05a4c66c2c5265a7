// /v1/event-types.
#include <gtest/gtest.h>

#include "fakes/test_api.h"

namespace exposee::api {
namespace {

const std::string kPath = "/v1/event-types/order.paid";

Got declare(TestApi& api, const std::string& name = "order.paid", Headers headers = {}) {
  return api.call("POST", "/v1/event-types", R"({"name":")" + name + "\"}", std::move(headers));
}

std::vector<std::string> names(const Got& page) {
  std::vector<std::string> all;
  const auto json = page.json();
  for (const auto& type : json.at("data").as_array()) all.emplace_back(type.at("name").as_string());
  return all;
}

TEST(V1EventTypes, AreDeclaredOnceAndListedInOrder) {
  TestApi api;
  const auto got =
      api.call("POST", "/v1/event-types", R"({"name":"order.paid","description":"An order was paid"})");
  EXPECT_EQ(got.status, 201);
  EXPECT_EQ(
      got.body,
      R"({"name":"order.paid","description":"An order was paid","created_at":"2025-05-07T04:03:10.779082+00:00"})");
  EXPECT_EQ(api.call("POST", "/v1/event-types", R"({"name":"order.paid"})").text("code"),
            "event_type_exists");
  for (const std::string name : {"", "Upper", "a..b", "a b", ".a", "a*", "ä"}) {
    EXPECT_EQ(api.call("POST", "/v1/event-types", R"({"name":")" + name + "\"}").status, 422) << name;
  }
  EXPECT_EQ(api.call("POST", "/v1/event-types", "{}").status, 422);
  const auto page = api.call("GET", "/v1/event-types?limit=1&cursor=2").json();
  EXPECT_EQ(page.at("data").at(0).at("name"), "order.paid");
  EXPECT_EQ(page.at("has_more"), false);
}

TEST(V1EventTypes, OneIsShownWithAnETagUnderItsLocation) {
  TestApi api;
  const auto made = declare(api);
  EXPECT_EQ(made.header("location"), "event-types/order.paid");
  const auto shown = api.call("GET", kPath);
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.body, made.body);
  EXPECT_EQ(shown.header("etag"), made.header("etag"));
  EXPECT_EQ(api.call("GET", kPath, "", {{"if-none-match", shown.header("etag")}}).status, 304);
  for (const std::string name : {"order.piad", "Order.paid", "order.*", "%00", "order.paid%20"}) {
    const auto unknown = api.call("GET", "/v1/event-types/" + name);
    EXPECT_EQ(unknown.status, 404) << name;
    EXPECT_EQ(unknown.text("code"), "event_type_not_found");
  }
}

TEST(V1EventTypes, ARemovedOneIsGoneFromEveryListAndCall) {
  TestApi api;
  declare(api, "order_paid");
  ASSERT_EQ(api.call("POST", "/webhook", R"({"event":"order_paid","url":"http://a.example/"})").status, 200);
  const auto removed = api.call("DELETE", "/v1/event-types/order_paid");
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.body, "");
  EXPECT_EQ(names(api.call("GET", "/v1/event-types")),
            (std::vector<std::string>{"user_registered", "user_send_message"}));
  EXPECT_EQ(api.call("GET", "/v1/event-types/order_paid").status, 404);
  EXPECT_EQ(api.call("DELETE", "/v1/event-types/order_paid").text("code"), "event_type_not_found");
  EXPECT_EQ(api.call("GET", "/webhooks").body.find("order_paid"), std::string::npos);
  EXPECT_EQ(api.call("GET", "/v1/endpoints").json().at("data").at(0).at("events").at(0), "order_paid")
      << "endpoints keep their patterns";
}

// What names a type, and gets the same reply for a removed one as for one that never was.
TEST(V1EventTypes, ARemovedOneIsAnsweredExactlyLikeAnUnknownOne) {
  struct Row {
    const char *method, *target, *body;
  };
  const Row kRows[] = {
      {"POST", "/v1/events", R"({"event":"$","data":{}})"},
      {"POST", "/v1/events", R"([{"event":"$","data":{}}])"},
      {"POST", "/ping?event_filter=$", R"({"n":1})"},
      {"GET", "/webhooks?event_filter=$", ""},
      {"POST", "/webhook", R"({"event":"$","url":"http://b.example/"})"},
      {"DELETE", "/webhook", R"({"event":"$","url":"http://a.example/"})"},
      {"GET", "/v1/event-types/$", ""},
      {"DELETE", "/v1/event-types/$", ""},
  };
  TestApi api;
  declare(api, "gone_type");
  api.call("POST", "/webhook", R"({"event":"gone_type","url":"http://a.example/"})");
  ASSERT_EQ(api.call("DELETE", "/v1/event-types/gone_type").status, 204);
  const auto with = [](std::string text, const std::string& name) {
    for (auto at = text.find('$'); at != text.npos; at = text.find('$')) text.replace(at, 1, name);
    return text;
  };
  const auto as_told = [](std::string body, const std::string& name) {
    for (auto at = body.find(name); at != body.npos; at = body.find(name)) body.replace(at, name.size(), "$");
    return body;
  };
  for (const auto& [method, target, body] : kRows) {
    const auto ask = [&](const std::string& name) {
      return api.call(method, with(target, name), with(body, name));
    };
    const auto gone = ask("gone_type"), never = ask("never_type");
    EXPECT_EQ(gone.status, never.status) << method << " " << target;
    EXPECT_EQ(as_told(gone.body, "gone_type"), as_told(never.body, "never_type")) << method << " " << target;
  }
}

TEST(V1EventTypes, EventsOfARemovedOneAreListedAndShownUnderItsName) {
  TestApi api;
  declare(api);
  api.call("POST", "/v1/endpoints", R"({"url":"http://a.example/","events":["order.*"]})");
  const auto id = api.call("POST", "/v1/events", R"({"event":"order.paid","data":{"n":1}})").text("id");
  ASSERT_EQ(api.call("DELETE", kPath).status, 204);
  const auto events = api.call("GET", "/v1/events?event=order.paid").json().at("data").as_array();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].at("event"), "order.paid");
  EXPECT_EQ(api.call("GET", "/v1/events/" + id).text("event"), "order.paid");
  const auto deliveries = api.call("GET", "/v1/deliveries?event=order.paid").json().at("data").as_array();
  ASSERT_EQ(deliveries.size(), 1u);
  EXPECT_EQ(deliveries[0].at("event"), "order.paid");
  EXPECT_EQ(api.call("GET", "/v1/events?event=never.declared").status, 422);
}

TEST(V1EventTypes, ABuiltInOneCannotBeRemoved) {
  TestApi api;
  for (const std::string name : {"user_registered", "user_send_message"}) {
    const auto refused = api.call("DELETE", "/v1/event-types/" + name);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(refused.text("code"), "event_type_built_in");
    EXPECT_NE(refused.text("hint"), "");
    EXPECT_EQ(api.call("GET", "/v1/event-types/" + name).status, 200);
  }
}

TEST(V1EventTypes, RemovalKeepsToIfMatch) {
  TestApi api;
  const auto tag = declare(api).header("etag");
  const auto lost = api.call("DELETE", kPath, "", {{"if-match", "\"other\""}});
  EXPECT_EQ(lost.status, 412);
  EXPECT_EQ(lost.text("code"), "precondition_failed");
  EXPECT_EQ(api.call("DELETE", kPath, "", {{"if-match", tag}}).status, 204);
  declare(api);
  EXPECT_EQ(api.call("DELETE", kPath, "", {{"if-match", ""}}).status, 204) << "an empty one asks for nothing";
}

TEST(V1EventTypes, OneDeclaredAgainHasItsOldPlaceAndANewDescription) {
  TestApi api;
  declare(api, "order.paid");
  declare(api, "order.sent");
  ASSERT_EQ(api.call("DELETE", kPath).status, 204);
  const auto again = api.call("POST", "/v1/event-types", R"({"name":"order.paid","description":"Paid"})");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.text("description"), "Paid");
  EXPECT_EQ(names(api.call("GET", "/v1/event-types?cursor=2")),
            (std::vector<std::string>{"order.paid", "order.sent"}));
  EXPECT_EQ(api.call("POST", "/v1/events", R"({"event":"order.paid","data":1})").status, 202);
}

TEST(V1EventTypes, AFullRegistrySaysThatRemovedNamesCanBeDeclaredAgain) {
  TestApi api;
  api.engine.refuse_all = engine::Refusal::too_many;
  const auto refused = declare(api);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.text("code"), "limit_reached");
  EXPECT_NE(refused.text("hint").find("removed"), std::string::npos);
}

}  // namespace
}  // namespace exposee::api

// The contract's calls, row by row: what is asked, and what is answered.
#include "fakes/test_api.h"

namespace exposee::api {
namespace {

struct Row {
  std::string_view method, target;
  std::string body;
  int status;
  std::string answer;  // the whole body; empty: not looked at
};

void expect_rows(TestApi& api, std::initializer_list<Row> rows) {
  for (const auto& row : rows) {
    const auto got = api.call(row.method, row.target, row.body);
    EXPECT_EQ(got.status, row.status) << row.method << " " << row.target << " " << row.body << "\n"
                                      << got.body;
    if (row.answer.empty()) continue;
    EXPECT_EQ(got.body, row.answer) << row.method << " " << row.target;
  }
}

TEST(Contract, EveryFaultHasItsTypePlaceMessageAndInput) {
  TestApi api;
  expect_rows(
      api,
      {
          {"POST", "/webhook", R"({"event":"a b","url":5})", 422,
           R"({"detail":[{"type":"value_error","loc":["body","event"],"msg":"Value error, an event's name is an identifier: )"
           R"(letters, digits and '_', no digit first","input":"a b"},{"type":"url_type","loc":["body","url"],)"
           R"("msg":"URL input should be a string or URL","input":5}]})"},
          {"POST", "/webhook", R"({"url":"ftp://a/"})", 422,
           R"({"detail":[{"type":"missing","loc":["body","event"],"msg":"Field required","input":{"url":"ftp://a/"}},)"
           R"({"type":"url_scheme","loc":["body","url"],"msg":"URL scheme should be 'http' or 'https'","input":"ftp://a/"}]})"},
          {"POST", "/users", R"({"username":["a"]})", 422,
           R"({"detail":[{"type":"string_type","loc":["body","username"],"msg":"Input should be a valid string","input":["a"]}]})"},
          {"POST", "/users", "", 422,
           R"({"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]})"},
          {"POST", "/users", "[1]", 422,
           R"({"detail":[{"type":"model_attributes_type","loc":["body"],)"
           R"("msg":"Input should be a valid dictionary or object to extract fields from","input":[1]}]})"},
          {"POST", "/users", "{\"username\":}", 422,
           R"({"detail":[{"type":"json_invalid","loc":["body",12],"msg":"JSON decode error","input":{},)"
           R"("ctx":{"error":"Expecting value"}}]})"},
          {"POST", "/ping", "3", 422,
           R"({"detail":[{"type":"dict_type","loc":["body"],"msg":"Input should be a valid dictionary","input":3}]})"},
          {"GET", "/users/messages", "", 422,
           R"({"detail":[{"type":"missing","loc":["query","recipient"],"msg":"Field required","input":null}]})"},
      });
}

TEST(Contract, WhereASentenceMisleadsAHintStandsBesideIt) {
  TestApi api;
  ASSERT_EQ(api.call("POST", "/v1/event-types", R"({"name":"order.paid"})").status, 201);
  const auto form = api.call("POST", "/users", R"({"username":"bob"})",
                             {{"content-type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(form.status, 422);
  EXPECT_EQ(form.text("hint"), "Send the body with content-type: application/json.");
  const struct {
    std::string method, target, body, hint;
  } rows[] = {
      {"POST", "/webhook", R"({"event":"order.paid","url":"http://a.example/"})", "POST /v1/endpoints"},
      {"POST", "/webhook", R"({"event":"nope","url":"http://a.example/"})",
       "POST /v1/event-types {\"name\": \"nope\"} declares"},
      {"POST", "/webhook", R"({"event":"żółw","url":"http://a.example/"})",
       "GET /webhooks lists the events."},
      {"DELETE", "/webhook", R"({"event":"nope","url":"http://a.example/"})",
       "GET /webhooks lists the events."},
      {"POST", "/ping?event_filter=order.paid", "", "GET /v1/endpoints"},
      {"GET", "/webhooks?event_filter=nope", "", "GET /webhooks"},
  };
  for (const auto& row : rows) {
    const auto got = api.call(row.method, row.target, row.body);
    EXPECT_NE(got.text("hint").find(row.hint), std::string::npos) << row.target << got.body;
  }
}

TEST(Contract, UrlsThatExistToDeceiveOrLeadInsideAreAFaultOfTheUrl) {
  auto options = TestApi::default_options();
  options.address_policy.allow_private = false;
  TestApi api(options);
  for (const std::string url : {"http://user:pw@example.com/", "http://example.com/#f", "http://2130706433/",
                                "http://127.0.0.1:9000/", "http://localhost/", "http://169.254.169.254/"}) {
    const auto got = api.call("POST", "/webhook", R"({"event":"no_such_event","url":")" + url + "\"}");
    EXPECT_EQ(got.status, 422) << url;
    EXPECT_EQ(got.json().at("detail").at(0).at("type"), "value_error") << url;
  }
  const auto inside =
      api.call("DELETE", "/webhook", R"({"event":"user_registered","url":"http://127.0.0.1:9000/"})");
  EXPECT_EQ(inside.status, 404) << "what was allowed once can still be unregistered";
}

TEST(Contract, AFaultShowsTheTextAsItWasSent) {
  TestApi api;
  const auto got =
      api.call("POST", "/webhook", R"({"event":"user_registered","url":"HTTP://168.63.129.16"})");
  EXPECT_EQ(got.status, 422);
  EXPECT_EQ(got.json().at("detail").at(0).at("input"), "HTTP://168.63.129.16");
}

TEST(Contract, NoCallRegistersAnAddressOfThisServer) {
  auto options = TestApi::default_options();
  options.own_listeners.places = {{IpAddress::parse("127.0.0.1").value(), 8000}};
  TestApi api(options);
  for (const std::string url :
       {"http://127.0.0.1:8000/hook", "http://localhost:8000/", "http://[::1]:8000/"}) {
    const auto old = api.call("POST", "/webhook", R"({"event":"user_registered","url":")" + url + "\"}");
    EXPECT_EQ(old.status, 422) << url;
    EXPECT_EQ(old.json().at("detail").at(0).at("type"), "value_error") << url;
    const auto created = api.call("POST", "/v1/endpoints", R"({"url":")" + url + R"(","events":["*"]})");
    EXPECT_EQ(created.status, 422) << url;
    EXPECT_NE(created.body.find("this server's own address"), std::string::npos) << created.body;
  }
  EXPECT_EQ(
      api.call("POST", "/webhook", R"({"event":"user_registered","url":"http://127.0.0.1:8001/"})").status,
      200);
}

// The registry as a version with other rules left it.
TEST(Contract, WhateverIsListedUnregistersThoughTodaysRulesRefuseIt) {
  for (const std::string& url : {std::string("http://h.example:6379/"), std::string("http://user@h.example/"),
                                std::string("nonsense"), "http://h/?" + std::string(kMaxUrlChars, 'a')}) {
    TestApi api;
    Url stored{.text = url};
    engine::RegisterWebhook old{.type_name = "user_registered", .url = stored};
    old.reply = {[](const auto&) { return engine::Reply{}; }, [](engine::Reply&&) {}};
    api.engine.submit(std::move(old));
    const auto body = R"({"event":"user_registered","url":")" + url + "\"}";
    EXPECT_EQ(api.call("POST", "/webhook", body).status, 422) << url;
    EXPECT_NE(api.call("GET", "/webhooks").body.find(url), std::string::npos);
    EXPECT_EQ(api.call("DELETE", "/webhook", body).status, 204) << url;
    EXPECT_EQ(api.call("DELETE", "/webhook", body).status, 422) << "not listed any more: " << url;
  }
}

TEST(Contract, RegisteringAgainAtADisabledEndpointSaysWhyNothingComes) {
  TestApi api;
  const std::string body = R"({"event":"user_registered","url":"http://127.0.0.1:9000/"})";
  const auto id = api.call("POST", "/webhook", body).text("endpoint_id");
  EXPECT_EQ(
      api.call("POST", "/webhook", body).body,
      R"({"detail":"Webhook URL 'http://127.0.0.1:9000/' already exists for event 'user_registered'"})");
  api.call("PATCH", "/v1/endpoints/" + id, R"({"disabled":true})");
  const auto again = api.call("POST", "/webhook", body);
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(again.text("detail"),
            "Webhook URL 'http://127.0.0.1:9000/' already exists for event 'user_registered'");
  EXPECT_EQ(again.text("code"), "endpoint_disabled");
  const auto hint = again.text("hint");
  EXPECT_TRUE(hint.starts_with("The endpoint is disabled")) << hint;
  EXPECT_TRUE(hint.ends_with("disabled by hand. Enable it with POST /v1/endpoints/" + id + "/enable."))
      << hint;
}

TEST(Contract, TextsThatNoStoreKeepsAreRefused) {
  TestApi api;
  api.call("POST", "/users", R"({"username":"alice"})");
  api.call("POST", "/users", R"({"username":"bob"})");
  const std::string long_name(129, 'n');
  expect_rows(
      api, {
               {"POST", "/users", R"({"username":""})", 422, ""},
               {"POST", "/users", R"({"username":"a\u0000b"})", 422, ""},
               {"POST", "/users", R"({"username":"a\nb"})", 422, ""},
               {"POST", "/users", R"({"username":")" + long_name + "\"}", 422, ""},
               {"POST", "/users/messages",
                R"({"sender":"alice","recipient":"bob","subject":"\u0000","message":"m"})", 422, ""},
               {"GET", "/users/messages?recipient=a%00", "", 400, R"({"detail":"Recipient does not exist"})"},
           });
}

TEST(Contract, RegisteringShowsTheSecretOnlyWhenTheEndpointIsNew) {
  TestApi api;
  const auto first =
      api.call("POST", "/webhook", R"({"event":"user_registered","url":"http://127.0.0.1:9000"})");
  EXPECT_EQ(first.status, 200);
  EXPECT_TRUE(first.body.starts_with(
      R"({"message":"Webhook registered successfully","url":"http://127.0.0.1:9000/","event":"user_registered",)"));
  EXPECT_TRUE(first.text("secret").starts_with("whsec_"));
  const auto second =
      api.call("POST", "/webhook", R"({"event":"USER_SEND_MESSAGE","url":"http://127.0.0.1:9000"})");
  EXPECT_EQ(second.text("endpoint_id"), first.text("endpoint_id"));
  EXPECT_EQ(second.text("secret"), "");
}

TEST(Contract, DeclaredTypesWithAnIdentifierForANameAreListedAfterTheTwo) {
  TestApi api;
  for (const std::string name : {"order_paid", "order.paid", "order-paid"}) {
    EXPECT_EQ(api.call("POST", "/v1/event-types", R"({"name":")" + name + "\"}").status, 201);
  }
  const auto all = api.call("POST", "/v1/endpoints", R"({"url":"http://127.0.0.1:9000/all","events":["*"]})").text("id");
  expect_rows(
      api,
      {
          {"POST", "/webhook", R"({"event":"ORDER_PAID","url":"http://127.0.0.1:9000/a"})", 200, ""},
          {"GET", "/webhooks", "", 200,
           R"({"webhooks":[{"event":"user_registered","urls":["http://127.0.0.1:9000/all"]},)"
           R"({"event":"user_send_message","urls":["http://127.0.0.1:9000/all"]},)"
           R"({"event":"order_paid","urls":["http://127.0.0.1:9000/all","http://127.0.0.1:9000/a"]}]})"},
          {"GET", "/webhooks?event_filter=order.paid", "", 404,
           R"({"detail":"Event 'order.paid' not found.","hint":"The unprefixed calls know only names that are )"
           R"(identifiers; use GET /v1/endpoints for this one."})"},
          {"GET", "/webhooks?event_filter=%ff", "", 404,
           "{\"detail\":\"Event '\xEF\xBF\xBD' not found.\",\"hint\":\"GET /webhooks lists the events.\"}"},
          {"DELETE", "/webhook", R"({"event":"user_registered","url":"http://127.0.0.1:9000/all"})", 404,
           R"({"detail":"Webhook URL 'http://127.0.0.1:9000/all' not found for event 'user_registered'",)"
           R"("hint":"It is subscribed through a wider pattern: GET /v1/endpoints/)" +
               all + R"( shows the endpoint's events, and PATCH changes them."})"},
      });
}

TEST(Contract, TheReplyIsByteForByteTheDataOfTheEvent) {
  TestApi api;
  const auto user = api.call("POST", "/users", R"({"username":"Żółw \"x\""})");
  EXPECT_EQ(user.body, R"({"username":"żółw \"x\"","registered_at":"2025-05-07T04:03:10.779082+00:00"})");
  EXPECT_NE(api.engine.events().back()->body.find("\"data\":" + user.body + ","), std::string::npos);
  api.call("POST", "/users", R"({"username":"bob"})");
  const auto message =
      api.call("POST", "/users/messages",
               R"({"sender":"BOB","recipient":"ŻÓŁW \"X\"","subject":"","message":"\ud83d\ude00"})");
  EXPECT_EQ(message.status, 200);
  EXPECT_NE(api.engine.events().back()->body.find("\"data\":" + message.body + ","), std::string::npos);
  EXPECT_EQ(api.call("GET", "/users/messages?recipient=%C5%BB%C3%B3%C5%82w+%22x%22").body,
            "[" + message.body + "]");
  EXPECT_TRUE(api.call("GET", "/users").body.starts_with("[" + user.body + ","));
}

TEST(Contract, AKeyRepeatsTheReplyAndRefusesAnotherBody) {
  const struct {
    std::string_view path;
    std::string body, other;
  } rows[] = {
      {"/users", R"({"username":"a"})", R"({"username":"b"})"},
      {"/webhook", R"({"event":"user_registered","url":"http://a.example/"})",
       R"({"event":"user_registered","url":"http://b.example/"})"},
  };
  for (const auto& row : rows) {
    TestApi api;
    const Headers key{{"idempotency-key", "k1"}};
    const auto first = api.call("POST", row.path, row.body, key);
    const auto again = api.call("POST", row.path, row.body, key);
    EXPECT_EQ(first.status, 200);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(first.header("idempotency-replayed"), "");
    const auto misuse = api.call("POST", row.path, row.other, key);
    EXPECT_EQ(misuse.status, 422);
    EXPECT_EQ(misuse.json().at("detail").at(0).at("loc").at(1), "idempotency-key");
    EXPECT_NE(misuse.body.find("Use a new key"), std::string::npos) << misuse.body;
    EXPECT_EQ(api.call("POST", row.path, row.other, {{"idempotency-key", ""}}).status, 200) << "no key";
    EXPECT_EQ(api.call("POST", row.path, row.other, {{"idempotency-key", std::string(256, 'k')}}).status,
              422);
  }
}

TEST(Contract, WhatTheEngineCannotTakeIsSaidWithItsStatus) {
  const struct {
    engine::Refusal why;
    int status;
    std::string retry_after;
  } rows[] = {{engine::Refusal::overloaded, 503, "1"},
              {engine::Refusal::store_away, 503, "1"},
              {engine::Refusal::store_full, 507, ""},
              {engine::Refusal::too_many, 409, ""}};
  for (const auto& row : rows) {
    TestApi api;
    api.engine.refuse_all = row.why;
    for (const auto& [method, path, body] :
         {std::tuple{"POST", "/users", R"({"username":"a"})"},
          {"POST", "/webhook", R"({"event":"user_registered","url":"http://a.example/"})"},
          {"DELETE", "/webhook", R"({"event":"user_registered","url":"http://a.example/"})"}}) {
      const auto got = api.call(method, path, body);
      EXPECT_EQ(got.status, row.status) << path;
      EXPECT_EQ(got.header("retry-after"), row.retry_after) << path;
      EXPECT_NE(got.text("detail"), "") << path;
    }
  }
}

TEST(Contract, ReadsWithoutAStoreAreA503) {
  TestApi api;
  api.engine.read_faults.away = true;
  for (const std::string_view target : {"/users", "/users/messages?recipient=a"}) {
    const auto got = api.call("GET", target);
    EXPECT_EQ(got.status, 503) << target;
    EXPECT_EQ(got.text("code"), "storage_unavailable");
    EXPECT_EQ(got.header("retry-after"), "1");
  }
}

}  // namespace
}  // namespace exposee::api

#include "fakes/test_api.h"

namespace exposee::api {
namespace {

constexpr std::string_view kPath = "/v1/events";

TEST(V1Events, AnAcceptedOneAnswersItsIdAndWhatItOwes) {
  TestApi api;
  api.call("POST", "/v1/endpoints", R"({"url":"http://a.example/","events":["*"]})");
  const auto got = api.call("POST", kPath, R"({"event":"user_registered","data":{"n":1}})");
  EXPECT_EQ(got.status, 202);
  const auto id = got.text("id");
  EXPECT_EQ(
      got.body,
      R"({"id":")" + id +
          R"(","event":"user_registered","timestamp":"2025-05-07T04:03:10.779082+00:00","deliveries":1})");
  EXPECT_EQ(got.header("location"), "events/" + id);
}

TEST(V1Events, DataTravelsByteForByte) {
  const std::string rows[] = {
      R"({"z":1.0,"a":12345678901234567890123,"e":1e2,"u":"\u00fc ü \/","nested":{"b":[],"a":{}}})",
      "[1, 2 ,\t3]",
      "\"text with \\\" and }\"",
      "null",
      "1e999",
      "{ }",
      "-0.0",
      "\"\"",
      "{\"event\":\"x\",\"data\":{\"data\":1}}",
  };
  for (const auto& data : rows) {
    for (const auto& body : {"{\"event\":\"user_registered\",\"data\":" + data + "}",
                             " {\"data\" : " + data + " ,\n\"event\":\"user_registered\"} ",
                             "{\"d\\u0061ta\":" + data + ",\"\\u0065vent\":\"user_r\\u0065gistered\"}"}) {
      TestApi api;
      const auto got = api.call("POST", kPath, body);
      ASSERT_EQ(got.status, 202) << body << got.body;
      const auto& event = *api.engine.events().back();
      EXPECT_TRUE(event.body.starts_with("{\"event\":\"user_registered\",\"data\":" + data + ",\"id\":"))
          << event.body;
      const auto shown = api.call("GET", "/v1/events/" + got.text("id"));
      EXPECT_EQ(shown.body, event.body.substr(0, event.body.size() - 1) + ",\"message_id\":\"" +
                                message_id_text(event.id) + "\"}");
    }
  }
}

TEST(V1Events, AnEventIsFoundByTheIdThatReceiversGot) {
  TestApi api;
  const auto id = api.call("POST", kPath, R"({"event":"user_registered","data":{}})").text("id");
  const auto shown = api.call("GET", "/v1/events/msg_" + id.substr(4));
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.text("id"), id);
  for (const std::string_view unknown :
       {"evt_00000000000000000000000000", "nonsense", "dlv_00000000000000000000000000"}) {
    EXPECT_EQ(api.call("GET", "/v1/events/" + std::string(unknown)).text("code"), "event_not_found")
        << unknown;
  }
}

TEST(V1Events, AnEventThatIsKnownIsNotSentAgain) {
  TestApi api;
  const auto id = api.call("POST", kPath, R"({"event":"user_registered","data":1})").text("id");
  const auto etag = api.call("GET", "/v1/events/" + id).header("etag");
  EXPECT_NE(etag, "");
  EXPECT_EQ(api.call("GET", "/v1/events/" + id, "", {{"if-none-match", etag}}).status, 304);
}

TEST(V1Events, AnUnknownTypeSaysHowThatVeryOneIsDeclaredOrWhyItCannotBe) {
  TestApi api;
  const auto hint_of = [&](std::string_view target, const std::string& body) {
    return api.call(body.empty() ? "GET" : "POST", target, body).text("hint");
  };
  const std::string declaring = R"(Declare it with POST /v1/event-types {"name": "order.pad"}. )";
  EXPECT_TRUE(hint_of(kPath, R"({"event":"order.pad","data":1})").starts_with(declaring));
  EXPECT_TRUE(hint_of("/v1/event-types/order.pad", "").starts_with(declaring));
  for (const auto& hint :
       {hint_of(kPath, R"({"event":"Order Pad","data":1})"), hint_of("/v1/event-types/Order%20Pad", "")})
    EXPECT_EQ(
        hint,
        "'Order Pad' must consist of lower-case letters, digits, '_', '-' and dots; 'O' is at position 1.");
}

TEST(V1Events, FaultsAreNamed) {
  TestApi api;
  const struct {
    std::string body;
    int status;
    std::string_view code;
  } rows[] = {
      {R"({"event":"unknown","data":{}})", 404, "event_type_not_found"},
      {R"({"data":{}})", 422, "invalid_request"},
      {R"({"event":"user_registered"})", 422, "invalid_request"},
      {R"({"event":5,"data":{}})", 422, "invalid_request"},
      {R"({"event":"user_registered","data":{},"dta":1})", 422, "invalid_request"},
      {R"({"event":")" + std::string(129, 'e') + R"(","data":{}})", 422, "invalid_request"},
      {"[]", 422, "invalid_request"},
      {"{", 400, "invalid_json"},
      {"", 400, "invalid_json"},
      {R"({"event":"user_registered","data":{"x":{"k":1,"k":2}}})", 400, "invalid_json"},
      {R"({"event":"user_registered","data":{"x":"\ud800"}})", 400, "invalid_json"},
      {"{\"event\":\"user_registered\",\"data\":\"\xff\"}", 400, "invalid_json"},
  };
  for (const auto& row : rows) {
    const auto got = api.call("POST", kPath, row.body);
    EXPECT_EQ(got.status, row.status) << row.body;
    EXPECT_EQ(got.text("code"), row.code) << row.body;
  }
  EXPECT_EQ(api.call("POST", kPath, "{}{").text("detail"), "Extra data at offset 2");
  EXPECT_TRUE(api.engine.events().empty());
}

TEST(V1Events, TheSameKeyGivesTheStoredReplyAndOneEvent) {
  TestApi api;
  const Headers key{{"idempotency-key", "order-7"}};
  const std::string body = R"({"event":"user_registered","data":{"n":7}})";
  const auto first = api.call("POST", kPath, body, key);
  const auto again = api.call("POST", kPath, body, key);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("location"), first.header("location"));
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(api.engine.events().size(), 1u);
  const auto misuse = api.call("POST", kPath, R"({"event":"user_registered","data":{"n":8}})", key);
  EXPECT_EQ(misuse.status, 422);
  EXPECT_EQ(misuse.text("code"), "idempotency_key_reused");
  EXPECT_EQ(api.call("POST", "/v1/event-types", R"({"name":"a.b"})", key).status, 201)
      << "a key belongs to its call";
  EXPECT_EQ(api.call("POST", kPath, body, {{"idempotency-key", std::string(256, 'k')}}).text("code"),
            "invalid_idempotency_key");
  for (int i = 0; i < 2; ++i) {
    const auto without = api.call("POST", kPath, body, {{"idempotency-key", ""}});
    EXPECT_EQ(without.header("idempotency-replayed"), "") << "an empty key is not a key";
  }
  EXPECT_EQ(api.engine.events().size(), 3u);
}

TEST(V1Events, WhatTheEngineCannotTakeIsAProblemWithItsStatus) {
  const struct {
    engine::Refusal why;
    int status;
    std::string_view code;
  } rows[] = {
      {engine::Refusal::overloaded, 503, "overloaded"},
      {engine::Refusal::store_away, 503, "storage_unavailable"},
      {engine::Refusal::store_full, 507, "storage_full"},
  };
  for (const auto& row : rows) {
    for (const std::string one_or_many :
         {R"({"event":"user_registered","data":{}})", R"([{"event":"user_registered","data":{}},{}])"}) {
      TestApi api;
      api.engine.refuse_all = row.why;
      const auto got = api.call("POST", kPath, one_or_many);
      EXPECT_EQ(got.status, row.status);
      EXPECT_EQ(got.text("code"), row.code);
      EXPECT_EQ(got.header("retry-after").empty(), row.status != 503);
    }
  }
}

TEST(V1Events, AreListedNewestFirstWithWhereTheyWent) {
  TestApi api;
  ASSERT_EQ(api.call("POST", "/v1/event-types", R"({"name":"order.paid"})").status, 201);
  ASSERT_EQ(api.call("POST", "/v1/endpoints", R"({"url":"http://a.example/","events":["order.*"]})").status,
            201);
  std::vector<std::string> ids;
  for (const auto* name : {"order.paid", "user_registered", "order.paid"}) {
    const auto got = api.call("POST", "/v1/events", R"({"event":")" + std::string(name) + R"(","data":1})");
    ids.push_back(got.text("id"));
  }
  const auto page = api.call("GET", "/v1/events?limit=2").json();
  EXPECT_EQ(page.at("data").at(0).at("id").as_string(), ids[2]);
  EXPECT_EQ(page.at("data").at(0).at("deliveries"), 1);
  EXPECT_EQ(page.at("data").at(1).at("event").as_string(), "user_registered");
  EXPECT_EQ(page.at("data").at(1).at("deliveries"), 0) << "no endpoint was subscribed";
  const std::string cursor(page.at("next_cursor").as_string());
  const auto rest = api.call("GET", "/v1/events?limit=2&cursor=" + cursor).json();
  ASSERT_EQ(rest.at("data").as_array().size(), 1u);
  EXPECT_EQ(rest.at("data").at(0).at("id").as_string(), ids[0]);
  EXPECT_EQ(rest.at("has_more"), false);
  EXPECT_EQ(api.call("GET", "/v1/events?event=user_registered").json().at("data").as_array().size(), 1u);
  EXPECT_EQ(api.call("GET", "/v1/events?until=2001-01-01T00:00:00Z").json().at("data").as_array().size(), 0u);
  for (const auto* query : {"event=nope", "since=yesterday", "cursor=x", "limit=0"}) {
    EXPECT_EQ(api.call("GET", "/v1/events?" + std::string(query)).status, 422) << query;
  }
}

// Two of a rare type, and between them very many others, of which the store looks at so many at once, in so
// much time.
class RareEvents : public testing::Test {
 protected:
  static constexpr std::size_t kOthers = 200'000;

  void SetUp() override {
    api.call("POST", "/v1/endpoints", R"({"url":"http://a.example/","events":["user_registered"]})");
    for (const auto* name : {"user_registered", "user_send_message"})
      api.call("POST", kPath, R"({"event":")" + std::string(name) + R"(","data":1})");
    const auto first = api.engine.events().at(0), other = api.engine.events().at(1);
    std::vector<EventRef> more;
    for (std::uint64_t n = 0; n <= kOthers; ++n) {
      auto event = n == kOthers ? *first : *other;
      event.seq = EventSeq{other->seq.value + 1 + n};
      more.push_back(std::make_shared<const Event>(std::move(event)));
    }
    api.engine.write({.events = more});
    api.engine.read_faults.most_looked_at = 20'000;
    api.engine.read_faults.list_read = [this] {
      ++reads;
      api.clock.advance(a_read_takes);
    };
  }
  struct Page {
    std::size_t rows;
    std::string cursor;
  };
  Page page(const std::string& target) {
    const auto page = api.call("GET", target).json();
    const auto& next = page.at("next_cursor");
    return {page.at("data").as_array().size(), next.is_null() ? "" : std::string(next.as_string())};
  }

  TestApi api;
  Duration a_read_takes{8'000};
  int reads = 0;
};

constexpr const char* kLists[] = {"/v1/events?event=user_registered", "/v1/deliveries?event=user_registered"};

TEST_F(RareEvents, ComeInOnePageHoweverManyOthersThereAre) {
  for (const auto* list : kLists) {
    const auto all = page(list);
    EXPECT_EQ(all.rows, 2u) << list;
    EXPECT_EQ(all.cursor, "") << list;
  }
}

TEST_F(RareEvents, AreNotReadForOnceThePageIsFull) {
  for (const auto* list : kLists) {
    reads = 0;
    EXPECT_EQ(page(list + std::string("&limit=1")).rows, 1u) << list;
    EXPECT_EQ(reads, 1) << list;
  }
}

TEST_F(RareEvents, AreReadForAMomentAtMost) {
  a_read_takes = Duration{40'000};
  for (const auto* list : kLists) {
    std::size_t rows = 0;
    int pages = 0;
    std::string cursor;
    do {
      reads = 0;
      const auto got = page(list + ("&cursor=" + cursor));
      EXPECT_LE(reads, 3) << list;
      rows += got.rows;
      cursor = got.cursor;
      ++pages;
    } while (!cursor.empty());
    EXPECT_EQ(rows, 2u) << list;
    EXPECT_EQ(pages, 4) << list;
  }
}

// There is one reading thread.
TEST_F(RareEvents, LetOtherListsHaveTheirTurn) {
  std::uint64_t other = 0;
  api.engine.read_faults.list_read = [&] {
    if (++reads == 1) other = api.start("GET", "/v1/events?limit=1");
    EXPECT_TRUE(reads < 5 || api.answered(other));
  };
  EXPECT_EQ(page(kLists[0]).rows, 2u);
  EXPECT_GT(reads, 5);
}

TEST_F(RareEvents, AreShownAsFarAsTheStoreCanBeRead) {
  api.engine.read_faults.list_read = [&] { api.engine.read_faults.lists_fail = ++reads > 1; };
  const auto first = page(kLists[0]);
  EXPECT_EQ(first.rows, 1u);
  EXPECT_EQ(api.call("GET", kLists[0] + ("&cursor=" + first.cursor)).status, 503);
}

TEST_F(RareEvents, AreNotLookedForAnewWhereNoneWasFound) {
  const auto first = page(kLists[0] + std::string("&limit=1"));
  reads = 0;
  api.engine.read_faults.list_read = [&] { api.engine.read_faults.lists_fail = ++reads > 2; };
  const auto none = page(kLists[0] + ("&cursor=" + first.cursor));
  EXPECT_EQ(none.rows, 0u);
  EXPECT_NE(none.cursor, "");
  EXPECT_NE(none.cursor, first.cursor);
}

}  // namespace
}  // namespace exposee::api

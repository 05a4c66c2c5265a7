#include "fakes/test_api.h"

namespace exposee::api {
namespace {

constexpr std::string_view kPath = "/v1/events";

std::string text_of(const boost::json::value& item, std::string_view member) {
  const auto* found = item.as_object().if_contains(std::string(member));
  return found && found->is_string() ? std::string(found->as_string()) : "";
}

TEST(V1EventBatch, EveryItemIsAnsweredInItsPlace) {
  TestApi api;
  api.call("POST", "/v1/endpoints", R"({"url":"http://a.example/","events":["user_registered"]})");
  const auto got = api.call("POST", kPath,
                            R"([{"event":"user_registered","data":{"n":1}}, {"data":[2],)"
                            R"("event":"user_send_message"}])");
  EXPECT_EQ(got.status, 202);
  EXPECT_EQ(got.header("location"), "");
  ASSERT_EQ(api.engine.events().size(), 2u);
  const auto item = [&](std::size_t i, const std::string& name, const std::string& deliveries) {
    return R"({"status":202,"id":")" + api.engine.events()[i]->id.text() + R"(","event":")" + name +
           R"(","timestamp":"2025-05-07T04:03:10.779082+00:00","deliveries":)" + deliveries + "}";
  };
  EXPECT_EQ(got.body, R"({"data":[)" + item(0, "user_registered", "1") + "," +
                          item(1, "user_send_message", "0") + R"(],"accepted":2,"refused":0})");
}

TEST(V1EventBatch, DataTravelsByteForByte) {
  const std::string rows[] = {
      R"({"z":1.0,"a":12345678901234567890123,"e":1e2,"u":"\u00fc ü \/","nested":{"b":[],"a":{}}})",
      "[1, 2 ,\t3]",
      R"("text with \" and }],")",
      "null",
      "1e999",
      "{ }",
      "-0.0",
      R"({"event":"x","data":{"data":1},"idempotency_key":[]})",
  };
  TestApi api;
  std::string body = " [";
  for (const auto& data : rows) {
    body += R"({"event":"user_registered" ,"data": )" + data + "},\n";
    body += R"({"d\u0061ta":)" + data + R"( , "idempotency_key":")" + std::to_string(body.size()) +
            R"(","\u0065vent":"user_r\u0065gistered"} , )";
  }
  body += R"({"event":"user_registered","data":0}])";
  const auto got = api.call("POST", kPath, body);
  ASSERT_EQ(got.status, 202) << got.body;
  ASSERT_EQ(api.engine.events().size(), 2 * std::size(rows) + 1) << got.body;
  for (std::size_t i = 0; i < 2 * std::size(rows); ++i) {
    const auto& sent = api.engine.events()[i]->body;
    const auto begin = R"({"event":"user_registered","data":)" + rows[i / 2] + R"(,"id":)";
    EXPECT_TRUE(sent.starts_with(begin)) << sent;
  }
}

TEST(V1EventBatch, AFaultIsItsItemsOwn) {
  const struct {
    std::string item;
    int status;
    std::string_view code, pointer;
  } rows[] = {
      {R"({"event":"unknown","data":{}})", 404, "event_type_not_found", ""},
      {R"({"data":{}})", 422, "invalid_request", "/1/event"},
      {R"({"event":"user_registered"})", 422, "invalid_request", "/1/data"},
      {"{}", 422, "invalid_request", "/1/event"},
      {R"({"event":5,"data":{}})", 422, "invalid_request", "/1/event"},
      {R"({"event":"user_registered","data":{},"a":1,"b":2})", 422, "invalid_request", "/1/a"},
      {R"({"event":"user_registered","data":{},"idempotency_key":""})", 422, "invalid_request",
       "/1/idempotency_key"},
      {R"({"event":"user_registered","data":{},"idempotency_key":7})", 422, "invalid_request",
       "/1/idempotency_key"},
      {R"({"event":"user_registered","data":{},"idempotency_key":")" + std::string(256, 'k') + "\"}", 422,
       "invalid_request", "/1/idempotency_key"},
      {R"(["user_registered",{}])", 422, "invalid_request", "/1"},
      {"null", 422, "invalid_request", "/1"},
  };
  for (const auto& row : rows) {
    TestApi api;
    const auto got = api.call("POST", kPath,
                              R"([{"event":"user_registered","data":1},)" + row.item +
                                  R"(,{"event":"user_registered","data":[3]}])");
    ASSERT_EQ(got.status, 202) << got.body;
    const auto json = got.json();
    const auto& items = json.at("data").as_array();
    ASSERT_EQ(items.size(), 3u) << row.item;
    EXPECT_EQ(items[0].at("status"), 202) << row.item;
    EXPECT_EQ(items[1].at("status"), row.status) << row.item;
    EXPECT_EQ(text_of(items[1], "code"), row.code) << row.item;
    if (!row.pointer.empty()) {
      EXPECT_EQ(text_of(items[1].at("errors").at(0), "pointer"), row.pointer);
    }
    EXPECT_EQ(items[2].at("status"), 202) << row.item;
    EXPECT_EQ(json.at("accepted"), 2);
    EXPECT_EQ(json.at("refused"), 1);
    EXPECT_EQ(api.engine.events().size(), 2u);
  }
}

TEST(V1EventBatch, WithoutOneGoodItemNothingIsPublished) {
  TestApi api;
  const auto got = api.call("POST", kPath, "[1,{}]");
  EXPECT_EQ(got.status, 202);
  EXPECT_EQ(got.json().at("refused"), 2);
  EXPECT_TRUE(api.engine.events().empty());
}

TEST(V1EventBatch, WhatIsNoBatchIsRefusedWhole) {
  const std::string item = R"({"event":"user_registered","data":1})";
  std::string too_many = "[" + item;
  for (std::size_t i = 0; i < engine::kMaxBatch; ++i) too_many += "," + item;
  const struct {
    std::string body;
    Headers headers;
    int status;
    std::string_view code;
  } rows[] = {
      {"[]", {}, 422, "invalid_request"},
      {too_many + "]", {}, 422, "invalid_request"},
      {"[" + item, {}, 400, "invalid_json"},
      {"[" + item + ",]", {}, 400, "invalid_json"},
      {"[" + item + R"(,{"event":"user_registered","data":1,"data":2}])", {}, 400, "invalid_json"},
      {"[" + item + "]", {{"content-type", "text/plain"}}, 415, "unsupported_media_type"},
      {"[" + item + "]", {{"idempotency-key", "k"}}, 422, "idempotency_key_of_batch"},
  };
  TestApi api;
  for (const auto& row : rows) {
    const auto got = api.call("POST", kPath, row.body, row.headers);
    EXPECT_EQ(got.status, row.status) << got.body;
    EXPECT_EQ(got.text("code"), row.code);
    EXPECT_NE(got.text("hint"), "");
  }
  EXPECT_TRUE(api.engine.events().empty());
}

TEST(V1EventBatch, AsManyItemsAsAreAllowedAreTaken) {
  TestApi api;
  std::string body = "[";
  for (std::size_t i = 0; i < engine::kMaxBatch; ++i) {
    body += (i == 0 ? "" : ",") + (R"({"event":"user_registered","data":)" + std::to_string(i)) + "}";
  }
  const auto got = api.call("POST", kPath, body + "]");
  EXPECT_EQ(got.json().at("accepted").as_int64(), static_cast<std::int64_t>(engine::kMaxBatch));
  EXPECT_TRUE(api.engine.events().back()->body.starts_with(R"({"event":"user_registered","data":999,)"));
}

TEST(V1EventBatch, EachItemHasAnIdempotencyKeyOfItsOwn) {
  TestApi api;
  const std::string first = R"([{"event":"user_registered","data":{"n":1},"idempotency_key":"a"},)"
                            R"({"event":"user_registered","data":{"n":2},"idempotency_key":"b"}])";
  const auto before = api.call("POST", kPath, first).json();
  // The first again, the second's key for something else, and the first once more, written differently.
  const auto after = api.call("POST", kPath,
                              R"([{"event":"user_registered","data":{"n":1},"idempotency_key":"a"},)"
                              R"({"event":"user_registered","data":{"n":3},"idempotency_key":"b"},)"
                              R"({"idempotency_key":"a", "data":{"n":1}, "event":"user_registered"}])");
  const auto json = after.json();
  const auto& items = json.at("data").as_array();
  for (const std::size_t i : {0, 2}) {
    EXPECT_EQ(items[i].at("id"), before.at("data").at(0).at("id"));
    EXPECT_EQ(items[i].at("replayed"), true);
  }
  EXPECT_EQ(text_of(items[1], "code"), "idempotency_key_reused");
  EXPECT_EQ(json.at("accepted"), 2);
  EXPECT_EQ(api.engine.events().size(), 2u);
}

TEST(V1EventBatch, AKeyMeansTheSameEventAloneAndAmongOthers) {
  TestApi api;
  const auto alone =
      api.call("POST", kPath, R"({"event":"user_registered","data":{"n":1}})", {{"idempotency-key", "a"}});
  const auto among = api.call("POST", kPath,
                              R"([{"event":"user_registered","data":{"n":1},"idempotency_key":"a"},)"
                              R"({"event":"user_registered","data":{"n":2},"idempotency_key":"b"}])");
  EXPECT_EQ(text_of(among.json().at("data").at(0), "id"), alone.text("id"));
  const auto again =
      api.call("POST", kPath, R"({"event":"user_registered","data":{"n":2}})", {{"idempotency-key", "b"}});
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(again.text("id"), text_of(among.json().at("data").at(1), "id"));
  EXPECT_EQ(again.header("location"), "events/" + again.text("id"));
}

TEST(V1EventBatch, AFullDiskRefusesTheWholeUnlessItTookAnItem) {
  TestApi api;
  api.call("POST", kPath, R"([{"event":"user_registered","data":1,"idempotency_key":"a"}])");
  api.engine.disk.is_full = true;
  api.clock.advance(std::chrono::seconds(1));  // it is looked at once a second
  const auto got = api.call("POST", kPath,
                            R"([{"event":"user_registered","data":1,"idempotency_key":"a"},)"
                            R"({"event":"user_registered","data":2}])");
  EXPECT_EQ(got.status, 507);
  EXPECT_EQ(got.text("code"), "storage_full");
}

}  // namespace
}  // namespace exposee::api

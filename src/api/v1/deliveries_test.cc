#include "fakes/test_api.h"

namespace exposee::api {
namespace {

// Two endpoints and three events, the second of another type: six deliveries, all pending.
class V1Deliveries : public testing::Test {
 protected:
  void SetUp() override {
    for (const std::string path : {"a", "b"}) {
      const auto got =
          api.call("POST", "/v1/endpoints", R"({"url":"http://x.example/)" + path + R"(","events":["*"]})");
      endpoints.push_back(got.text("id"));
    }
    for (const std::string type : {"user_registered", "user_send_message", "user_registered"}) {
      events.push_back(api.call("POST", "/v1/events", R"({"event":")" + type + R"(","data":{}})").text("id"));
      api.clock.advance(std::chrono::seconds(1));
    }
  }
  static DeliveryKey key_of(std::uint64_t event, std::uint64_t endpoint) {
    return {EventSeq{first_seq(1).value + event - 1}, EndpointNumber{endpoint}};
  }
  DeliveryRow row(std::uint64_t event, std::uint64_t endpoint) { return api.engine.delivery(key_of(event, endpoint)); }
  void put(const DeliveryRow& row) { api.engine.write({.deliveries = {&row, 1}}); }
  static std::string id_of(std::uint64_t event, std::uint64_t endpoint) {
    return delivery_id_text(key_of(event, endpoint));
  }
  std::size_t count(const std::string& query) {
    const auto got = api.call("GET", "/v1/deliveries?" + query);
    EXPECT_EQ(got.status, 200) << query << got.body;
    return got.json().at("data").as_array().size();
  }
  static Response failure() { return response_of(500, "db \xff locked"); }
  void exhaust(std::uint64_t event, std::uint64_t endpoint, Response response = failure()) {
    const auto number = row(event, endpoint).attempts + 1;
    const DeliveryRow row{.key = key_of(event, endpoint),
                          .status = DeliveryStatus::exhausted,
                          .attempts = number,
                          .cause = response.status ? Cause::http : response.cause,
                          .http_status = static_cast<std::uint16_t>(response.status),
                          .updated_at = api.clock.now()};
    response.started_at = api.clock.now();
    response.remote_address = "127.0.0.1:9000";
    response.timing = {.connect = Duration(1'500), .total = Duration(12'345)};
    const AttemptRow attempt{.key = row.key, .number = number, .response = std::move(response)};
    api.engine.write({.attempts = {&attempt, 1}, .deliveries = {&row, 1}});
  }

  TestApi api;
  std::vector<std::string> endpoints, events;
};

TEST_F(V1Deliveries, AreListedNewestFirstAndFiltered) {
  exhaust(1, 1);
  put({.key = key_of(2, 2), .status = DeliveryStatus::succeeded});
  const struct {
    std::string query;
    std::size_t rows;
  } rows[] = {{"", 6},
              {"status=exhausted", 1},
              {"status=succeeded", 1},
              {"status=pending", 4},
              {"status=cancelled", 0},
              {"endpoint=" + endpoints[0], 3},
              {"event=" + events[1], 2},
              {"event=msg_" + events[1].substr(4), 2},
              {"event=user_registered", 4},
              {"event=evt_00000000000000000000000000", 0},
              {"cause=http", 1},
              {"cause=dns", 0},
              {"since=2025-05-07T04:03:11Z", 4},
              {"until=2025-05-07T04:03:11Z", 2},
              {"since=2025-05-07T06:03:11+02:00", 4},
              {"status=&event=&cause=", 6},
              {"endpoint=" + endpoints[0] + "&status=exhausted", 1}};
  for (const auto& row : rows) EXPECT_EQ(count(row.query), row.rows) << row.query;
  const auto page = api.call("GET", "/v1/deliveries").json();
  EXPECT_EQ(page.at("data").at(0).at("event_id").as_string(), events[2]);
  EXPECT_EQ(page.at("data").at(5).at("event_id").as_string(), events[0]);
}

TEST_F(V1Deliveries, AFilterThatNothingCanMatchIsAFault) {
  for (const std::string_view query :
       {"status=lost", "cause=x", "cause=none", "since=yesterday", "until=x", "limit=0", "limit=x",
        "cursor=nonsense", "endpoint=ep_00000000000000000000000000", "event=no.such.type"}) {
    const auto got = api.call("GET", "/v1/deliveries?" + std::string(query));
    EXPECT_EQ(got.status, 422) << query;
    const auto name = query.substr(0, query.find('='));
    EXPECT_EQ(got.json().at("errors").at(0).at("pointer").as_string(), "/query/" + std::string(name));
  }
  EXPECT_EQ(api.call("GET", "/v1/deliveries?status=x&limit=x").json().at("errors").as_array().size(), 2u);
}

TEST_F(V1Deliveries, AParameterThatNoListKnowsIsAFaultThatNamesIt) {
  const struct {
    std::string target, pointer, message;
  } rows[] = {{"deliveries?statsu=x", "/query/statsu", "unknown query parameter. Did you mean 'status'?"},
              {"deliveries?status=pending&colour=red", "/query/colour", "unknown query parameter."},
              {"endpoints?limt=1", "/query/limt", "unknown query parameter. Did you mean 'limit'?"},
              {"event-types?status=x", "/query/status", "unknown query parameter."},
              {"deliveries?a/b~=x", "/query/a~1b~0", "unknown query parameter."},
              {"deliveries?=x", "/query/", "unknown query parameter."},
              {"endpoints/ep_1?x=1", "/query/x", "unknown query parameter."},
              {"deliveries?status=pending&status=exhausted", "/query/status", "is given more than once"},
              {"deliveries?status=&%73tatus=pending", "/query/status", "is given more than once"}};
  for (const auto& row : rows) {
    const auto got = api.call("GET", "/v1/" + row.target);
    EXPECT_EQ(got.status, 422) << row.target;
    const auto error = got.json().at("errors").at(0);
    EXPECT_EQ(error.at("pointer").as_string(), row.pointer);
    EXPECT_EQ(error.at("message").as_string(), row.message);
  }
  EXPECT_EQ(api.call("GET", "/v1/deliveries?&limit=1&").status, 200);
  EXPECT_EQ(api.call("GET", "/webhooks?colour=red").status, 200) << "the contract's calls take no notice";
}

TEST_F(V1Deliveries, TheEngineSaysWhichAreInFlight) {
  api.engine.said.flying.insert(key_of(2, 1));
  EXPECT_EQ(count("status=in_flight"), 1u);
  EXPECT_EQ(count("status=pending"), 6u) << "all that is still owed";
  EXPECT_EQ(api.call("GET", "/v1/deliveries/" + id_of(2, 1)).text("status"), "in_flight");
  EXPECT_EQ(api.call("GET", "/v1/deliveries/" + id_of(2, 2)).text("status"), "pending");
}

TEST_F(V1Deliveries, ACursorWalksThroughAllOfThemOnce) {
  std::vector<std::string> seen;
  std::string target = "/v1/deliveries?limit=4&event=&since=2020-01-01T00:00:00%2B00:00";
  while (!target.empty()) {
    const auto got = api.call("GET", target);
    const auto page = got.json();
    for (const auto& row : page.at("data").as_array()) seen.emplace_back(row.at("id").as_string());
    const auto link = got.header("link");
    target = link.empty() ? "" : "/v1/deliveries" + link.substr(1, link.find('>') - 1);  // relative: "?..."
  }
  EXPECT_EQ(seen.size(), 6u);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 6u);
}

TEST_F(V1Deliveries, OneIsShownWithItsAttemptsAndWhatToDo) {
  exhaust(1, 2);
  const auto got = api.call("GET", "/v1/deliveries/" + id_of(1, 2));
  const auto shown = got.json();
  EXPECT_TRUE(got.body.starts_with(
      R"({"id":")" + id_of(1, 2) + R"(","event_id":")" + events[0] +
      R"(","event":"user_registered","endpoint_id":")" + endpoints[1] +
      R"(","url":"http://x.example/b","status":"exhausted","attempts_made":1,"retries_by_hand":0,"cause":"http",)"
      R"("status_code":500,"hint":"The receiver failed)"))
      << got.body;
  const auto& attempt = shown.at("attempts").at(0);
  EXPECT_EQ(attempt.at("id").as_string(), attempt_id_text(key_of(1, 2), 1));
  EXPECT_EQ(attempt.at("attempt"), 1);
  EXPECT_EQ(attempt.at("status_code"), 500);
  EXPECT_EQ(attempt.at("cause"), "http");
  EXPECT_EQ(attempt.at("response_body"), "db \xEF\xBF\xBD locked");
  EXPECT_NE(got.body.find(R"("duration_ms":12.345,"timings_ms":{"dns":0.000,"connect":1.500,)"),
            std::string::npos);
  EXPECT_EQ(api.call("GET", "/v1/deliveries/" + id_of(9, 9)).text("code"), "delivery_not_found");
  EXPECT_EQ(api.call("GET", "/v1/deliveries/nonsense").status, 404);
}

TEST_F(V1Deliveries, TheHintIsThatOfTheLastFailureInListsToo) {
  const struct {
    Cause cause;
    std::string_view detail, hint;
  } rows[] = {
      {Cause::connect, "Connection refused", "Nothing listens on x.example:80. Start the receiver"},
      {Cause::blocked, "127.0.0.1:8000 is Exposee's own address; it never sends to itself",
       "127.0.0.1:8000 is Exposee's own address; it never sends to itself. Register the URL of the receiver"},
      {Cause::tls, "Certificate not trusted: certificate has expired",
       "Certificate not trusted: certificate has expired."},
  };
  for (const auto& row : rows) {
    Response failed;
    failed.cause = row.cause;
    failed.detail = row.detail;
    exhaust(1, 1, std::move(failed));
    const auto listed = api.call("GET", "/v1/deliveries?status=exhausted").json();
    const std::string hint(listed.at("data").at(0).at("hint").as_string());
    EXPECT_TRUE(hint.starts_with(row.hint)) << hint;
    EXPECT_EQ(api.call("GET", "/v1/deliveries/" + id_of(1, 1)).text("hint"), hint);
  }
}

TEST_F(V1Deliveries, ARedirectShowsWhereItLeads) {
  Response redirect = failure();
  redirect.status = 308;
  redirect.detail = "The receiver redirects to https://new.example/hook";
  exhaust(1, 1, std::move(redirect));
  const std::string hint =
      "The receiver redirects to https://new.example/hook (308 Permanent Redirect), and redirects are never "
      "followed. Register that URL.";
  const auto listed = api.call("GET", "/v1/deliveries?status=exhausted").json();
  EXPECT_EQ(listed.at("data").at(0).at("hint").as_string(), hint);
  const auto shown = api.call("GET", "/v1/deliveries/" + id_of(1, 1)).json();
  EXPECT_EQ(shown.at("hint").as_string(), hint);
  EXPECT_EQ(shown.at("attempts").at(0).at("hint").as_string(), hint);
}

TEST_F(V1Deliveries, ARetryIsDueNow) {
  exhaust(1, 1);
  const std::string path = "/v1/deliveries/" + id_of(1, 1) + "/retry";
  const auto got = api.call("POST", path);
  EXPECT_EQ(got.status, 202);
  EXPECT_EQ(got.text("id"), id_of(1, 1));
  EXPECT_EQ(got.text("status"), "pending");
  EXPECT_NE(got.text("next_attempt_at"), "");
  for (const auto& unknown :
       {id_of(9, 1), id_of(1, 9), std::string("dlv_00000000000000000000000000"), std::string("x")}) {
    EXPECT_EQ(api.call("POST", "/v1/deliveries/" + unknown + "/retry").status, 404) << unknown;
  }
}

TEST_F(V1Deliveries, ARetryThatCannotBeginSaysWhyAndWhatHelps) {
  exhaust(1, 1);
  const std::string retry = "/v1/deliveries/" + id_of(1, 1) + "/retry";
  const std::string endpoint = "/v1/endpoints/" + endpoints[0];
  const auto refused_as = [&](const std::string& code, const std::string& detail, const std::string& hint) {
    const auto got = api.call("POST", retry);
    EXPECT_EQ(got.status, 409) << code;
    EXPECT_EQ(got.text("code"), code);
    EXPECT_EQ(got.text("detail"), detail);
    EXPECT_NE(got.text("hint").find(hint), std::string::npos) << got.text("hint");
  };
  api.call("PATCH", endpoint, R"({"paused":true})");
  refused_as("endpoint_paused", "The endpoint is paused", "PATCH " + endpoint + R"( {"paused": false})");
  api.call("PATCH", endpoint, R"({"paused":false,"disabled":true})");
  refused_as("endpoint_disabled", "The endpoint is disabled: disabled by hand",
             "POST " + endpoint + "/enable");
  api.call("PATCH", endpoint, R"({"disabled":false})");
  auto often = row(1, 1);
  often.by_hand = 1'000;
  put(often);
  refused_as("too_many_retries", "It was retried by hand 1000 times already", "POST /v1/events");
  api.call("DELETE", endpoint);
  refused_as("endpoint_removed", "The endpoint was removed", "");
}

TEST_F(V1Deliveries, APendingOneSaysWhatItWaitsForAndUntilWhen) {
  using engine::WaitReason;
  const auto until = api.clock.now() + std::chrono::minutes(3);
  const auto key = key_of(1, 1);
  const struct {
    engine::Waiting waiting;
    std::string words;
    bool dated;
  } rows[] = {
      {{WaitReason::paused, std::nullopt}, "Waits: endpoint {} is paused.", false},
      {{WaitReason::held, until}, "Waits: the receiver asked for no requests before", true},
      {{WaitReason::breaker, until}, "Waits: the circuit breaker of endpoint {} is open", true},
      {{WaitReason::probe, std::nullopt}, "Waits: the circuit breaker of endpoint {} is half open", false},
      {{WaitReason::order, std::nullopt}, "Waits for its turn: endpoint {} is ordered", false},
      {{WaitReason::set_aside, std::nullopt},
       "Waits: an attempt was made, but its outcome could not be stored",
       false},
      {{WaitReason::rate, until}, "Waits for its turn: rate_per_second of endpoint {}", true},
  };
  for (const auto& row : rows) {
    api.engine.said.waits[key] = row.waiting;
    auto words = row.words;
    if (const auto at = words.find("{}"); at != words.npos) words.replace(at, 2, endpoints[0]);
    const auto one = api.call("GET", "/v1/deliveries/" + id_of(1, 1));
    EXPECT_TRUE(one.text("hint").starts_with(words)) << one.text("hint");
    EXPECT_EQ(one.text("hint").find('{' + std::string("until")), std::string::npos);
    EXPECT_EQ(one.text("next_attempt_at"), row.dated ? iso_text(until) : "") << words;
    const auto listed =
        api.call("GET", "/v1/deliveries?event=" + events[0] + "&endpoint=" + endpoints[0]).json();
    EXPECT_EQ(listed.at("data").at(0).at("hint").as_string(), one.text("hint"));
  }
}

TEST_F(V1Deliveries, WhatItWaitsForComesBeforeWhyItFailed) {
  exhaust(1, 1);
  auto waiting = row(1, 1);
  waiting.status = DeliveryStatus::pending;
  waiting.due = api.clock.now();
  put(waiting);
  api.engine.said.waits[waiting.key] = {engine::WaitReason::paused, std::nullopt};
  const auto hint = api.call("GET", "/v1/deliveries/" + id_of(1, 1)).text("hint");
  EXPECT_TRUE(hint.starts_with("Waits: ")) << hint;
  EXPECT_NE(hint.find("Last attempt: "), std::string::npos) << hint;
  api.engine.said.flying.insert(waiting.key);
  const auto flying = api.call("GET", "/v1/deliveries/" + id_of(1, 1));
  EXPECT_EQ(flying.text("status"), "in_flight");
  EXPECT_EQ(flying.text("next_attempt_at"), "");
}

TEST_F(V1Deliveries, ARetryUnderAKeyHappensOnce) {
  exhaust(1, 1);
  const std::string path = "/v1/deliveries/" + id_of(1, 1) + "/retry";
  const auto first = api.call("POST", path, "", {{"idempotency-key", "k"}});
  exhaust(1, 1);
  const auto again = api.call("POST", path, "", {{"idempotency-key", "k"}});
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(row(1, 1).status, DeliveryStatus::exhausted) << "nothing happened the second time";
  const std::string other = "/v1/deliveries/" + id_of(1, 2) + "/retry";
  EXPECT_EQ(api.call("POST", other, "", {{"idempotency-key", "k"}}).text("id"), id_of(1, 2));
}

TEST_F(V1Deliveries, ThoseOfARemovedEndpointKeepItsName) {
  api.call("DELETE", "/v1/endpoints/" + endpoints[0]);
  EXPECT_EQ(count("endpoint=" + endpoints[0]), 3u);
  EXPECT_EQ(api.call("GET", "/v1/deliveries/" + id_of(1, 1)).text("endpoint_id"), endpoints[0]);
}

TEST_F(V1Deliveries, WithoutAStoreItIsAProblem) {
  TestApi away;
  away.engine.read_faults.away = true;
  const auto got = away.call("GET", "/v1/deliveries");
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(got.header("content-type"), "application/problem+json");
}

}  // namespace
}  // namespace exposee::api

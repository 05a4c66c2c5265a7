#include "fakes/test_api.h"

namespace exposee::api {
namespace {

constexpr std::string_view kPath = "/v1/endpoints";

std::string create(TestApi& api, const std::string& url, const std::string& more = R"("events":["*"])") {
  const auto got = api.call("POST", kPath, R"({"url":")" + url + "\"," + more + "}");
  EXPECT_EQ(got.status, 201) << got.body;
  return got.text("id");
}

TEST(V1Endpoints, AreCreatedWithTheirSecretShownOnce) {
  TestApi api;
  const auto got =
      api.call("POST", kPath,
               R"({"url":"HTTP://127.0.0.1:9000","events":["order.*","user_registered"],)"
               R"("description":"shop","timeout_ms":5000,"schedule_ms":[200,1000],"rate_per_second":9,)"
               R"("ordered":true,"paused":true})");
  EXPECT_EQ(got.status, 201);
  const auto id = got.text("id");
  EXPECT_EQ(got.header("location"), "endpoints/" + id);
  EXPECT_TRUE(got.text("secret").starts_with("whsec_"));
  const auto shown = api.call("GET", "/v1/endpoints/" + id);
  EXPECT_EQ(
      shown.body,
      R"({"id":")" + id +
          R"(","url":"http://127.0.0.1:9000/","description":"shop",)"
          R"("events":["order.*","user_registered"],"timeout_ms":5000,"schedule_ms":[200,1000],)"
          R"("max_in_flight":null,"rate_per_second":9,"ordered":true,"paused":true,"public_only":false,)"
          R"("max_retry_after_ms":null,"max_pending":null,"disabled_reason":null,"disabled_at":null,"failing_since":null,)"
          R"("created_at":"2025-05-07T04:03:10.779082+00:00",)"
          R"("updated_at":"2025-05-07T04:03:10.779082+00:00","status":"paused","held_until":null,"breaker":"closed","pending":0})");
  EXPECT_EQ(api.call("GET", "/v1/endpoints/" + id + "/secret").text("secret"), got.text("secret"));
}

TEST(V1Endpoints, AreNotRenderedByTheEnginesThreadWhichIsOnlyAsked) {
  TestApi api;
  const auto path = std::string(kPath) + "/" + create(api, "http://a.example/");
  EXPECT_TRUE(api.left_to_server(api.start("GET", path)));
  EXPECT_TRUE(api.left_to_server(api.start("GET", kPath)));
  EXPECT_TRUE(api.left_to_server(api.start("PATCH", path, R"({"paused":true})")));
  EXPECT_TRUE(api.left_to_server(api.start("POST", path + "/enable")));
}

TEST(V1Endpoints, FaultsAreNamedByTheirMember) {
  TestApi api;
  create(api, "http://a.example/");
  const struct {
    std::string body, pointer;
  } rows[] = {
      {R"({"events":["*"]})", "/url"},
      {R"({"url":"nope","events":["*"]})", "/url"},
      {R"({"url":5,"events":["*"]})", "/url"},
      {R"({"url":"http://169.254.169.254/","events":["*"]})", "/url"},
      {R"({"url":"http://b.example/"})", "/events"},
      {R"({"url":"http://b.example/","events":"x"})", "/events"},
      {R"({"url":"http://b.example/","events":[]})", "/events"},
      {R"({"url":"http://b.example/","events":[5]})", "/events/0"},
      {R"({"url":"http://b.example/","events":["*","a*b"]})", "/events/1"},
      {R"({"url":"http://b.example/","events":["*","*"]})", "/events/1"},
      {R"({"url":"http://b.example/","events":["*"],"timeout_ms":999})", "/timeout_ms"},
      {R"({"url":"http://b.example/","events":["*"],"timeout_ms":30001})", "/timeout_ms"},
      {R"({"url":"http://b.example/","events":["*"],"timeout_ms":1000.5})", "/timeout_ms"},
      {R"({"url":"http://b.example/","events":["*"],"timeout_ms":12345678901234567890123})", "/timeout_ms"},
      {R"({"url":"http://b.example/","events":["*"],"schedule_ms":5})", "/schedule_ms"},
      {R"({"url":"http://b.example/","events":["*"],"schedule_ms":[5,-1]})", "/schedule_ms/1"},
      {R"({"url":"http://b.example/","events":["*"],"schedule_ms":[2678400001]})", "/schedule_ms/0"},
      {R"({"url":"http://b.example/","events":["*"],"schedule_ms":[2678400000,1]})", "/schedule_ms"},
      {R"({"url":"http://b.example/","events":["*"],"paused":"yes"})", "/paused"},
      {R"({"url":"http://b.example/","events":["*"],"ordered":1})", "/ordered"},
      {R"({"url":"http://b.example/","events":["*"],"max_in_flight":0})", "/max_in_flight"},
      {R"({"url":"http://b.example/","events":["*"],"rate_per_second":1000001})", "/rate_per_second"},
      {R"({"url":"http://b.example/","events":["*"],"description":7})", "/description"},
      {R"({"url":"http://b.example/","events":["*"],"secret":"whsec_short"})", "/secret"},
      {R"({"url":"http://b.example/","events":["*"],"event":"x"})", "/event"},
      {"[]", ""},
  };
  for (const auto& row : rows) {
    const auto got = api.call("POST", kPath, row.body);
    EXPECT_EQ(got.status, 422) << row.body;
    EXPECT_EQ(got.header("content-type"), "application/problem+json");
    EXPECT_EQ(got.text("code"), "invalid_request");
    EXPECT_EQ(got.json().at("errors").at(0).at("pointer").as_string(), row.pointer) << row.body << got.body;
  }
  EXPECT_EQ(api.call("POST", kPath, "{").status, 400);
  EXPECT_EQ(api.call("POST", kPath, "").status, 400);
  EXPECT_EQ(api.call("POST", kPath, "{}", {{"content-type", "text/plain"}}).status, 415);
  const auto taken = api.call("POST", kPath, R"({"url":"http://A.example:80","events":["*"]})");
  EXPECT_EQ(taken.status, 409);
  EXPECT_EQ(taken.text("code"), "endpoint_exists");
  EXPECT_TRUE(taken.text("endpoint_id").starts_with("ep_"));
}

TEST(V1Endpoints, ASecretCanBeBroughtAlong) {
  TestApi api;
  const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const auto id = create(api, "http://a.example/", R"("events":["*"],"secret":")" + secret + "\"");
  EXPECT_EQ(api.call("GET", "/v1/endpoints/" + id + "/secret").text("secret"), secret);
}

TEST(V1Endpoints, AChangeTouchesOnlyWhatItNames) {
  TestApi api;
  const auto id = create(api, "http://a.example/", R"("events":["*"],"timeout_ms":2000,"description":"d")");
  const std::string path = "/v1/endpoints/" + id;
  auto got = api.call("PATCH", path, R"({"paused":true})");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.text("status"), "paused");
  EXPECT_EQ(got.text("description"), "d");
  EXPECT_EQ(got.json().at("timeout_ms"), 2000);
  EXPECT_TRUE(api.call("PATCH", path, R"({"timeout_ms":null})").json().at("timeout_ms").is_null());
  EXPECT_EQ(api.call("PATCH", path, R"({"max_in_flight":4})").json().at("max_in_flight"), 4);
  EXPECT_TRUE(api.call("PATCH", path, R"({"max_in_flight":null})").json().at("max_in_flight").is_null());
  EXPECT_EQ(api.call("PATCH", path, R"({"disabled":true})").text("status"), "disabled");
  EXPECT_EQ(api.call("PATCH", path, R"({"disabled":false,"paused":false})").text("status"), "active");
  EXPECT_EQ(api.call("PATCH", path, R"({"url":"http://b.example/"})").status, 422);
  EXPECT_EQ(api.call("PATCH", "/v1/endpoints/ep_00000000000000000000000000", "{}").status, 404);
  EXPECT_EQ(got.body.find("whsec_"), std::string::npos);
}

TEST(V1Endpoints, ADisabledOneIsEnabledByACallOfItsOwn) {
  TestApi api;
  const auto path = "/v1/endpoints/" + create(api, "http://a.example/", R"("events":["*"])");
  const auto disabled = api.call("PATCH", path, R"({"disabled":true})");
  EXPECT_EQ(api.call("POST", path + "/enable", "", {{"if-match", "\"other\""}}).status, 412);
  const auto enabled = api.call("POST", path + "/enable", "", {{"if-match", disabled.header("etag")}});
  EXPECT_EQ(enabled.status, 200);
  EXPECT_EQ(enabled.text("status"), "active");
  EXPECT_NE(enabled.header("etag"), disabled.header("etag"));
  EXPECT_EQ(api.call("POST", path + "/enable").header("etag"), enabled.header("etag")) << "nothing to change";
  EXPECT_EQ(api.call("POST", "/v1/endpoints/ep_00000000000000000000000000/enable").status, 404);
}

TEST(V1Endpoints, RepliesToChangesNameTheEventsThatAreNotDeclared) {
  TestApi api;
  ASSERT_EQ(api.call("POST", "/v1/event-types", R"({"name":"order.paid"})").status, 201);
  const auto undeclared = [](const Got& got) { return boost::json::serialize(got.json().at("undeclared")); };
  const auto made =
      api.call("POST", kPath,
               R"({"url":"http://a.example/","events":["orderr.paid","order.paid","order.*","oder.*","*"]})");
  EXPECT_EQ(undeclared(made), R"(["orderr.paid","oder.*"])");
  const auto path = "/v1/endpoints/" + made.text("id");
  EXPECT_EQ(undeclared(api.call("PATCH", path, R"({"paused":true})")), R"(["orderr.paid","oder.*"])");
  EXPECT_EQ(undeclared(api.call("PATCH", path, R"({"events":["order.paid"]})")), "[]");
  ASSERT_EQ(api.call("DELETE", "/v1/event-types/order.paid").status, 204);
  EXPECT_EQ(undeclared(api.call("PATCH", path, R"({"events":["order.paid","order.*"]})")),
            R"(["order.paid","order.*"])")
      << "a removed type is no longer declared";
  EXPECT_EQ(api.call("GET", path).body.find("undeclared"), std::string::npos);
}

TEST(V1Endpoints, ARemovedOneIsGone) {
  TestApi api;
  const std::string path = "/v1/endpoints/" + create(api, "http://a.example/");
  const auto removed = api.call("DELETE", path);
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.body, "");
  for (const std::string_view method : {"GET", "DELETE"})
    EXPECT_EQ(api.call(method, path).text("code"), "endpoint_not_found");
  for (const std::string_view tail : {"/secret", "/test"}) {
    EXPECT_EQ(api.call(tail == "/test" ? "POST" : "GET", path + std::string(tail)).status, 404) << tail;
  }
  EXPECT_EQ(api.call("GET", "/v1/endpoints/nonsense").status, 404);
}

TEST(V1Endpoints, AreListedInPagesWithoutTheirSecrets) {
  TestApi api;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(create(api, "http://a.example/" + std::to_string(i)));
  std::vector<std::string> seen;
  std::string target = "/v1/endpoints?limit=2";
  while (!target.empty()) {
    const auto got = api.call("GET", target);
    EXPECT_EQ(got.body.find("whsec_"), std::string::npos);
    const auto page = got.json();
    for (const auto& row : page.at("data").as_array()) seen.emplace_back(row.at("id").as_string());
    const auto link = got.header("link");
    EXPECT_EQ(link.empty(), !page.at("has_more").as_bool());
    target = link.empty() ? "" : "/v1/endpoints" + link.substr(1, link.find('>') - 1);  // relative: "?..."
  }
  EXPECT_EQ(seen, ids);
  for (const std::string_view query : {"limit=0", "limit=201", "limit=x", "cursor=x"}) {
    EXPECT_EQ(api.call("GET", "/v1/endpoints?" + std::string(query)).status, 422) << query;
  }
}

TEST(V1Endpoints, AreFoundByTheirUrlInAnySpelling) {
  TestApi api;
  create(api, "http://a.example/");
  const auto id = create(api, "http://b.example/hook?x=1");
  const struct {
    std::string url, found;
  } rows[] = {{"http://b.example/hook%3Fx%3D1", id},
              {"HTTP://B.example:80/hook%3Fx%3D1", id},
              {"http://c.example/", ""},
              {"nonsense", ""}};
  for (const auto& row : rows) {
    const auto page = api.call("GET", "/v1/endpoints?limit=1&url=" + row.url).json();
    const auto& data = page.at("data").as_array();
    ASSERT_EQ(data.size(), row.found.empty() ? 0u : 1u) << row.url;
    EXPECT_EQ(page.at("has_more"), false);
    if (!data.empty()) {
      EXPECT_EQ(data[0].at("id").as_string(), row.found);
    }
  }
  EXPECT_EQ(api.call("GET", "/v1/endpoints?url=&limit=1").json().at("data").as_array().size(), 1u)
      << "filters nothing";
  EXPECT_EQ(api.call("DELETE", "/v1/endpoints/" + id).status, 204);
  EXPECT_EQ(
      api.call("GET", "/v1/endpoints?url=http://b.example/hook%3Fx%3D1").json().at("data").as_array().size(),
      0u);
}

TEST(V1Endpoints, SayHowMuchIsPendingForThem) {
  TestApi api;
  const std::string path = "/v1/endpoints/" + create(api, "http://a.example/");
  const auto tag = api.call("GET", path).header("etag");
  api.engine.said.pending[EndpointNumber{1}] = 12;
  const auto got = api.call("GET", path);
  EXPECT_EQ(got.json().at("pending"), 12);
  EXPECT_EQ(got.header("etag"), tag) << "nobody changed it";
  EXPECT_EQ(api.call("GET", "/v1/endpoints").json().at("data").at(0).at("pending"), 12);
  EXPECT_EQ(api.call("PATCH", path, R"({"paused":true})").json().at("pending"), 12);
}

TEST(V1Endpoints, AnUnchangedOneIsNotSentAgain) {
  TestApi api;
  const std::string path = "/v1/endpoints/" + create(api, "http://a.example/");
  const auto etag = api.call("GET", path).header("etag");
  const auto same = api.call("GET", path, "", {{"if-none-match", "\"other\", W/" + etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  api.call("PATCH", path, R"({"description":"new"})");
  EXPECT_EQ(api.call("GET", path, "", {{"if-none-match", etag}}).status, 200);
}

TEST(V1Endpoints, TheTagIsTheSameFromEveryCallThatShowsTheEndpoint) {
  TestApi api;
  const auto created = api.call("POST", kPath, R"({"url":"http://a.example/","events":["*"]})");
  const std::string path = "/v1/endpoints/" + created.text("id");
  EXPECT_NE(created.header("etag"), "");
  EXPECT_EQ(api.call("GET", path).header("etag"), created.header("etag"));
  EXPECT_EQ(api.call("HEAD", path).header("etag"), created.header("etag"));
  const auto changed = api.call("PATCH", path, R"({"description":"new"})");
  EXPECT_NE(changed.header("etag"), created.header("etag"));
  EXPECT_EQ(api.call("GET", path).header("etag"), changed.header("etag"));
}

TEST(V1Endpoints, AChangeOfWhatHasChangedMeanwhileIsRefused) {
  TestApi api;
  const auto created = api.call("POST", kPath, R"({"url":"http://a.example/","events":["*"]})");
  const std::string path = "/v1/endpoints/" + created.text("id"), seen = created.header("etag");
  api.engine.said.breakers[EndpointNumber{1}] = BreakerState::open;  // does not change the endpoint itself
  const auto mine = api.call("PATCH", path, R"({"description":"mine"})", {{"if-match", "\"x\", " + seen}});
  EXPECT_EQ(mine.status, 200) << mine.body;
  for (const std::string& stale : {seen, std::string("\"nope\""), "W/" + mine.header("etag")}) {
    for (const std::string_view method : {"PATCH", "DELETE"}) {
      const auto lost =
          api.call(method, path, method == "PATCH" ? R"({"description":"lost"})" : "", {{"if-match", stale}});
      EXPECT_EQ(lost.status, 412) << method << stale;
      EXPECT_EQ(lost.text("code"), "precondition_failed");
      EXPECT_EQ(lost.header("etag"), "");
    }
  }
  EXPECT_EQ(api.call("GET", path).text("description"), "mine");
  for (const std::string any : {"*", ""}) {
    EXPECT_EQ(api.call("PATCH", path, "{}", {{"if-match", any}}).status, 200) << any;
  }
  EXPECT_EQ(api.call("DELETE", path, "", {{"if-match", api.call("GET", path).header("etag")}}).status, 204);
  EXPECT_EQ(api.call("DELETE", path, "", {{"if-match", "*"}}).status, 404);
}

TEST(V1Endpoints, TheBreakerIsShownWhereverTheEndpointIs) {
  TestApi api;
  const std::string path = "/v1/endpoints/" + create(api, "http://a.example/");
  create(api, "http://b.example/");
  const struct {
    BreakerState state;
    std::string_view text;
  } rows[] = {{BreakerState::open, "open"}, {BreakerState::half_open, "half_open"}};
  for (const auto& row : rows) {
    api.engine.said.breakers[EndpointNumber{1}] = row.state;
    EXPECT_EQ(api.call("GET", path).text("breaker"), row.text);
    EXPECT_EQ(api.call("PATCH", path, R"({"description":"d"})").text("breaker"), row.text);
    const auto page = api.call("GET", "/v1/endpoints").json();
    EXPECT_EQ(page.at("data").at(0).at("breaker").as_string(), row.text);
    EXPECT_EQ(page.at("data").at(1).at("breaker"), "closed");
  }
  api.engine.refuse_all = engine::Refusal::store_away;
  EXPECT_EQ(api.call("PATCH", path, R"({"description":"e"})").text("code"), "storage_unavailable");
}

TEST(V1Endpoints, ATestPostSaysWhatCameBackAndHowToGoOn) {
  TestApi api;
  const std::string path =
      "/v1/endpoints/" + create(api, "http://a.example/", R"("events":["order.*","order.paid"])") + "/test";
  auto got = api.call("POST", path).json();
  EXPECT_EQ(got.at("succeeded"), false);
  EXPECT_TRUE(got.at("status_code").is_null());
  EXPECT_EQ(got.at("cause"), "connect");
  EXPECT_EQ(got.at("error"), "Connection refused");
  EXPECT_TRUE(std::string(got.at("hint").as_string()).starts_with("Nothing listens on a.example:80."));
  EXPECT_EQ(api.sender.sent.back().event->type_name, "order.paid");

  api.sender.answer_with([](const SendJob&) { return response_of(200, "caf\xe9"); });
  got = api.call("POST", path, R"({"event":"order.sent","data":[1, 2.50]})").json();
  EXPECT_EQ(got.at("succeeded"), true);
  EXPECT_EQ(got.at("status_code"), 200);
  EXPECT_EQ(got.at("response_body"), "caf\xEF\xBF\xBD");
  const auto& sent = *api.sender.sent.back().event;
  EXPECT_TRUE(sent.body.starts_with(R"({"event":"order.sent","data":[1, 2.50],"id":"evt_)")) << sent.body;
  EXPECT_EQ(got.at("request").at("message_id").as_string(), message_id_text(sent.id));
  EXPECT_EQ(api.call("POST", path, R"({"event":"Not A Name"})").status, 422);
}

TEST(V1Endpoints, OneThatItsReceiverHoldsSaysUntilWhen) {
  TestApi api;
  const auto id =
      api.call("POST", "/v1/endpoints", R"({"url":"http://x.example/","events":["*"]})").text("id");
  const std::string path = "/v1/endpoints/" + id;
  const auto tag = api.call("GET", path).header("etag");
  const auto until = api.clock.now() + std::chrono::minutes(1);
  api.engine.said.holds[EndpointNumber{1}] = until;
  const auto held = api.call("GET", path);
  EXPECT_EQ(held.text("status"), "held");
  EXPECT_EQ(held.text("held_until"), iso_text(until));
  EXPECT_EQ(held.header("etag"), tag) << "nobody changed it";
  EXPECT_EQ(api.call("GET", "/v1/endpoints").json().at("data").at(0).at("status"), "held");
  EXPECT_EQ(api.call("PATCH", path, R"({"paused":true})").text("status"), "paused") << "which is stronger";
  api.call("PATCH", path, R"({"paused":false})");
  api.clock.advance(std::chrono::minutes(1));
  const auto after = api.call("GET", path);
  EXPECT_EQ(after.text("status"), "active");
  EXPECT_EQ(after.text("held_until"), "");
}

TEST(V1Endpoints, ATestThatSucceedsIsToldToTheEngineBeforeTheCaller) {
  TestApi api;
  for (const std::string path : {"a", "b"}) {
    api.call("POST", "/v1/endpoints", R"({"url":"http://x.example/)" + path + R"(","events":["*"]})");
  }
  api.sender.answer_with([](const SendJob& job) {
    Response answer;
    answer.status = job.target->url.text.ends_with("a") ? 204 : 500;
    return answer;
  });
  const auto ids = api.call("GET", "/v1/endpoints").json();
  for (const auto& row : ids.at("data").as_array()) {
    api.call("POST", "/v1/endpoints/" + std::string(row.at("id").as_string()) + "/test");
  }
  EXPECT_EQ(api.engine.well, std::set{EndpointNumber{1}}) << "a 500 says nothing";
}

}  // namespace
}  // namespace exposee::api

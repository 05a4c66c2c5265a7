// Who may call what from where: hosts, origins, and what a page of another origin may do.
#include "api/access/access.h"

#include "api/wire/problem.h"
#include "fakes/test_api.h"

namespace exposee::api {
namespace {

using testing::HasSubstr;

ApiOptions narrowed() {
  auto options = TestApi::default_options();
  options.cors_allow_origins = {"https://shop.example", "http://127.0.0.1:3000"};
  return options;
}

ApiOptions behind_proxy() {
  auto options = TestApi::default_options();
  options.public_url = "https://example.com/hooks";
  options.own_hosts.push_back("example.com");
  options.in_network = true;
  return options;
}

struct Row {
  std::string origin, host;
  bool own;
};

// /v1 is its own pages' alone, so it tells the one from the other.
void expect_own(const ApiOptions& options, const std::vector<Row>& rows) {
  TestApi api(options);
  for (const auto& row : rows) {
    const auto got = api.call("GET", "/v1/endpoints", "", {{"origin", row.origin}, {"host", row.host}});
    EXPECT_EQ(got.status, row.own ? 200 : 403) << row.origin << " at " << row.host;
    if (!row.own) {
      EXPECT_EQ(got.text("code"), "foreign_origin");
    }
    EXPECT_EQ(got.header("vary"), "origin");
    EXPECT_EQ(got.header("access-control-allow-origin"), "");
  }
}

TEST(Access, AnOriginIsOwnWhenItIsWhatAHostOfOursNames) {
  expect_own(TestApi::default_options(), {
                                             {"http://127.0.0.1:8000", "127.0.0.1:8000", true},
                                             {"http://localhost:8000", "LOCALHOST:8000", true},
                                             {"http://[::1]:8000", "[::1]:8000", true},
                                             {"http://localhost", "localhost", true},
                                             {"http://localhost", "localhost:80", true},
                                             {"https://localhost", "localhost:443", true},
                                             {"http://127.0.0.1:3000", "127.0.0.1:8000", false},
                                             {"http://localhost:8000", "127.0.0.1:8000", false},
                                             {"http://127.0.0.1", "127.0.0.1:8000", false},
                                             {"https://evil.example", "127.0.0.1:8000", false},
                                             {"http://127.0.0.1:8000.evil.example", "127.0.0.1:8000", false},
                                             {"http://127.0.0.1:8000/", "127.0.0.1:8000", false},
                                             {"ftp://127.0.0.1:8000", "127.0.0.1:8000", false},
                                             {"null", "127.0.0.1:8000", false},
                                             {"", "127.0.0.1:8000", false},
                                         });
}

TEST(Access, ThePublicUrlsOriginIsOwnWhateverHostTheProxyPassesOn) {
  expect_own(behind_proxy(), {
                                 {"https://example.com", "example.com", true},
                                 {"https://example.com", "127.0.0.1:8000", true},
                                 {"https://example.com", "example.com:443", true},
                                 {"http://example.com", "example.com", false},  // anyone on the way can make it up
                                 {"http://example.com:8000", "example.com:8000", true},
                                 {"https://example.com:8443", "127.0.0.1:8000", false},
                                 {"http://127.0.0.1:8000", "127.0.0.1:8000", true},
                                 {"https://evil.example", "example.com", false},
                             });
}

TEST(Access, SeveralOriginsAreNobodys) {
  TestApi api;
  const Headers two{{"origin", "http://127.0.0.1:8000"}, {"Origin", "https://evil.example"}};
  EXPECT_EQ(api.call("GET", "/v1/endpoints", "", two).status, 403);
}

TEST(Access, ANameOfOursIsNeededUnderV1) {
  const struct {
    std::string host;
    int alone, in_network;
  } rows[] = {{"127.0.0.1:8000", 200, 200}, {"LOCALHOST", 200, 200},
              {"[::1]:9", 200, 200},        {"evil.example", 421, 421},
              {"evil.example:8000", 421, 421}, {"127.0.0.1.evil.example", 421, 421},
              {"", 421, 421},               {"[::2]:8000", 421, 200},
              {"10.0.0.5:8000", 421, 200},  {"exposee:8000", 421, 200},
              {"exposee.", 421, 421},       {"010.0.0.5", 421, 421}};
  TestApi alone;
  TestApi network(behind_proxy());
  for (const auto& row : rows) {
    const auto got = alone.call("GET", "/v1/endpoints", "", {{"host", row.host}});
    EXPECT_EQ(got.status, row.alone) << row.host;
    if (got.status == 421) {
      EXPECT_THAT(got.text("hint"),
                  HasSubstr("set server.public_url to this name, or list it in server.allowed_hosts"));
    }
    EXPECT_EQ(network.call("GET", "/v1/endpoints", "", {{"host", row.host}}).status, row.in_network) << row.host;
    EXPECT_EQ(alone.call("GET", "/webhooks", "", {{"host", row.host}}).status, 200) << row.host;
  }
}

TEST(Access, AHostThatIsRefusedIsTold) {
  TestApi api;
  const Headers rebound{{"host", "evil.example:8000"}};
  EXPECT_EQ(api.call("GET", "/metrics", "", rebound).status, 421);
  EXPECT_EQ(api.call("GET", "/webhooks", "", rebound).status, 200);
  http::Request begun;
  begun.target = "/v1/events";
  begun.whole_head = true;
  begun.headers.add("host", "late.example");
  EXPECT_EQ(api.service().error({http::FaultKind::body_too_large, "Why."}, begun).status, 421);
  EXPECT_THAT(api.calls.refused_hosts(), testing::ElementsAre("evil.example:8000", "late.example"));
}

// Where others reach a listener directly and nobody said under which names.
TEST(Access, APageWhoseNameWasMadeToLeadHereIsForeignThere) {
  auto options = TestApi::default_options();
  options.in_network = true;
  options.address_policy.allow_private = true;
  TestApi api(options);
  const Headers rebound{{"host", "evil.example:8000"}, {"origin", "http://evil.example:8000"}};
  const auto registered = [&](std::string_view url, Headers headers) {
    const std::string body = R"({"event":"user_registered","url":")" + std::string(url) + R"("})";
    return api.call("POST", "/webhook", body, std::move(headers)).status;
  };
  EXPECT_EQ(api.call("GET", "/v1/endpoints", "", rebound).status, 421);
  EXPECT_EQ(api.call("GET", "/metrics", "", rebound).status, 421);
  EXPECT_EQ(api.call("GET", "/livez", "", rebound).status, 200);
  EXPECT_EQ(registered("http://10.0.0.5/", rebound), 422) << "of a foreign page, public receivers only";
  EXPECT_EQ(registered("http://10.0.0.5/", {{"host", "box.local:8000"}, {"origin", "http://box.local:8000"}}),
            200);
}

TEST(Access, NoSpellingOfAPathOfV1IsAnythingElse) {
  TestApi api;
  const Headers page{{"origin", "https://evil.example"}};
  for (const std::string_view path :
       {"/v1/endpoints", "/%76%31/endpoints", "/v%31/endpoints", "/v1%2Fendpoints", "/%761/event-types"}) {
    EXPECT_EQ(api.call("GET", path, "", page).status, 403) << path;
    EXPECT_EQ(api.call("GET", path, "", {{"host", "evil.example"}}).status, 421) << path;
  }
}

TEST(Access, AnOriginThatIsNotAllowedIsRefusedBeforeAnythingIsDone) {
  TestApi api(narrowed());
  const std::string body = R"({"event":"user_registered","url":"https://evil.example/x"})";
  const Headers untyped{{"origin", "https://evil.example"}, {"content-type", "-"}};
  const struct {
    std::string_view method, target;
  } rows[] = {{"POST", "/webhook"}, {"DELETE", "/webhook"}, {"POST", "/users"}, {"POST", "/ping"},
              {"GET", "/users"},    {"OPTIONS", "/users"},  {"GET", "/nope"},   {"PUT", "/webhook"}};
  for (const std::string origin : {"https://evil.example", "null", "https://shop.example:8443",
                                   "http://shop.example", "https://shop.example.evil.example"}) {
    for (const auto& row : rows) {
      for (const std::string type : {"-", "text/plain", "application/json"}) {
        const auto got = api.call(row.method, row.target, body, {{"origin", origin}, {"content-type", type}});
        EXPECT_EQ(got.status, 403) << row.method << row.target << origin << type;
        EXPECT_EQ(got.text("code"), "origin_not_allowed");
        EXPECT_THAT(got.text("detail"), HasSubstr("not allowed"));
        EXPECT_THAT(got.text("hint"), HasSubstr("cors.allow_origins"));
        EXPECT_EQ(got.header("access-control-allow-origin"), "");
        EXPECT_EQ(got.header("vary"), "origin");
      }
    }
  }
  EXPECT_EQ(api.call("GET", "/webhooks").body.find("evil"), std::string::npos);
  EXPECT_EQ(api.call("GET", "/users").body, "[]");
}

TEST(Access, AllowedAndOwnOriginsCallAsBefore) {
  TestApi api(narrowed());
  const struct {
    std::string origin, allowed;
  } rows[] = {{"https://shop.example", "https://shop.example"},
              {"https://SHOP.example:443", "https://SHOP.example:443"},
              {"http://127.0.0.1:3000", "http://127.0.0.1:3000"},
              {"http://127.0.0.1:8000", ""}};  // own: browsers need no permission
  for (const auto& row : rows) {
    const auto got = api.call("GET", "/webhooks", "", {{"origin", row.origin}});
    EXPECT_EQ(got.status, 200) << row.origin;
    EXPECT_EQ(got.header("access-control-allow-origin"), row.allowed);
    EXPECT_EQ(got.header("vary"), "origin");
  }
  EXPECT_EQ(api.call("GET", "/webhooks").header("vary"), "origin") << "without an origin too";
}

TEST(Access, ANarrowedListIsNotGotRoundByAReboundName) {
  TestApi api(narrowed());
  const Headers rebound{{"host", "evil.example:8000"}};
  const auto got = api.call("GET", "/users", "", rebound);
  EXPECT_EQ(got.status, 421);
  EXPECT_THAT(got.text("hint"), HasSubstr("server.public_url"));
  EXPECT_EQ(api.call("GET", "/livez", "", rebound).status, 200) << "asked under any name by whoever watches";
}

TEST(Access, APageOfAnotherOriginSendsItsBodyAsJsonSoThatItsBrowserAsksFirst) {
  const std::string user = R"({"username":"alice"})";
  for (const std::string origin : {"https://shop.example", "null", "http://127.0.0.1:3000"}) {
    TestApi api;
    for (const std::string type : {"-", "", "text/plain", "application/x-www-form-urlencoded"}) {
      const auto got = api.call("POST", "/users", user, {{"origin", origin}, {"content-type", type}});
      EXPECT_EQ(got.status, 422) << type;
      EXPECT_THAT(got.body, HasSubstr("model_attributes_type"));
    }
    EXPECT_EQ(api.call("POST", "/ping", "{}", {{"origin", origin}, {"content-type", "-"}}).status, 422);
    EXPECT_EQ(api.call("POST", "/ping", "", {{"origin", origin}, {"content-type", "-"}}).status, 422)
        << "a form without fields";
    EXPECT_EQ(api.call("POST", "/ping", "", {{"origin", origin}, {"content-type", "application/json"}}).status, 200);
    EXPECT_EQ(api.call("POST", "/users", user, {{"origin", origin}}).status, 200);
  }
  TestApi api;
  const Headers own{{"origin", "http://127.0.0.1:8000"}, {"content-type", "-"}};
  EXPECT_EQ(api.call("POST", "/users", user, own).status, 200);
}

TEST(Access, APageOfAnotherOriginRegistersPublicReceiversOnly) {
  auto options = TestApi::default_options();  // private receivers are open, and any origin may call
  options.address_policy.allow_hosts = {"receiver"};
  TestApi api(options);
  const auto registered = [&](const std::string& url, const std::string& origin) {
    return api.call("POST", "/webhook", R"({"event":"user_registered","url":")" + url + R"("})",
                    {{"origin", origin}});
  };
  const std::string shop = "https://shop.example", own = "http://127.0.0.1:8000";
  for (const std::string url : {"http://127.0.0.1:2300/", "http://10.0.0.5/", "http://receiver:3000/",
                                "http://localhost:9000/", "http://[::1]:9000/"}) {
    const auto got = registered(url, shop);
    EXPECT_EQ(got.status, 422) << url;
    EXPECT_THAT(got.body, HasSubstr("a web page of another origin")) << url;
    EXPECT_EQ(registered(url, own).status, 200) << url;
  }
  EXPECT_EQ(registered("https://hooks.example.com/", shop).status, 200);
}

// The page's author may have the name lead to 127.0.0.1 later, when it is connected to.
TEST(Access, WhatAPageOfAnotherOriginRegisteredTakesPublicReceiversOnlyUntilAnotherClientAsksForIt) {
  TestApi api;
  const auto call = [&](const std::string& event, const std::string& url, const std::string& origin) {
    return api.call("POST", "/webhook", R"({"event":")" + event + R"(","url":"https://)" + url + R"("})",
                    {{"origin", origin}});
  };
  const auto is_public_only = [&](const std::string& url) {
    return api.engine.registry()->endpoint_at("https://" + url)->settings.public_only;
  };
  const std::string page = "https://shop.example", own = "http://127.0.0.1:8000";
  EXPECT_EQ(call("user_registered", "theirs.example/", page).status, 200);
  EXPECT_TRUE(is_public_only("theirs.example/"));
  EXPECT_EQ(call("user_registered", "theirs.example/", page).body.find("public_only"), std::string::npos);
  const auto again = call("user_registered", "theirs.example/", own);
  EXPECT_EQ(again.status, 400);
  EXPECT_THAT(again.body, HasSubstr("endpoint_public_only"));
  EXPECT_TRUE(is_public_only("theirs.example/")) << "a call that is refused changes nothing";
  EXPECT_EQ(call("user_send_message", "theirs.example/", own).status, 200);
  EXPECT_FALSE(is_public_only("theirs.example/"));

  EXPECT_EQ(call("user_registered", "ours.example/", own).status, 200);
  EXPECT_EQ(call("user_send_message", "ours.example/", page).status, 200);
  EXPECT_FALSE(is_public_only("ours.example/")) << "a page changes nothing of what is there";
}

TEST(Access, WhoMayNotCallLearnsNothingElseOnceTheHeadSaysWhoItIs) {
  TestApi api(narrowed());
  const auto status = [&](http::FaultKind early, const std::string& target, const std::string& origin,
                          const std::string& host, bool whole_head = true) {
    http::Request begun;
    begun.method = http::Method::other;
    begun.target = target;
    begun.whole_head = whole_head;
    begun.headers = {{"host", host}, {"origin", origin}};
    const auto response = api.service().error({early, "Why."}, begun);
    EXPECT_TRUE(response.headers.has("vary"));
    const bool allowed = origin == "https://shop.example" && target != "/v1/events";
    EXPECT_EQ(response.headers.has("access-control-allow-origin"), allowed) << origin << target;
    return response.status;
  };
  const std::string shop = "https://shop.example", evil = "https://evil.example", ours = "127.0.0.1:8000";
  using enum http::FaultKind;
  for (const auto kind :
       {malformed, too_slow, body_too_large, coding_not_supported, method_not_implemented}) {
    const int early = kind_of(kind).status;
    EXPECT_EQ(status(kind, "/nowhere", evil, ours), 403) << early;
    EXPECT_EQ(status(kind, "/nowhere", "null", ours), 403) << early;
    EXPECT_EQ(status(kind, "/v1/events", shop, ours), 403) << early;
    EXPECT_EQ(status(kind, "/v1/events", "http://evil.example", "evil.example"), 421) << early;
    EXPECT_EQ(status(kind, "/nowhere", shop, ours), early);
    EXPECT_EQ(status(kind, "/nowhere", "http://" + ours, ours), early);
    EXPECT_EQ(status(kind, "/nowhere", evil, ours, false), early)
        << "a head that is not whole proves nothing";
  }
}

TEST(Access, AnErrorOfTheCodecVariesWithTheOriginLikeEveryReply) {
  TestApi api(narrowed());
  for (const std::string origin : {"https://shop.example", "https://evil.example"}) {
    http::Request begun;
    begun.target = "/users";
    begun.headers.add("origin", origin);
    const auto response = api.service().error({http::FaultKind::body_too_large, "Why."}, begun);
    std::map<std::string, std::string> headers;
    for (const auto& [name, value] : response.headers) headers[std::string(name)] = value;
    EXPECT_EQ(headers["vary"], "origin");
    EXPECT_EQ(headers["access-control-allow-origin"], origin == "https://shop.example" ? origin : "");
  }
}

}  // namespace
}  // namespace exposee::api

// What holds for every path: methods, unknown paths, CORS, hosts and origins, limits.
#include <fmt/format.h>

#include "api/resources.h"
#include "api/wire/problem.h"
#include "fakes/test_api.h"
#include "http/content_coding.h"

namespace exposee::api {
namespace {

// A row says who may make its call, or it does not compile.
template <class Row>
concept DoesWithoutScope = requires { Row{.method = http::Method::get, .path = "/", .handler = nullptr}; };
template <class Row>
concept HasScope =
    requires { Row{.method = http::Method::get, .path = "/", .scope = Scope::admin, .handler = nullptr}; };
static_assert(HasScope<Route> && !DoesWithoutScope<Route>);

// Every path of the table, with something in place of its parameter.
std::vector<std::string> all_paths() {
  std::vector<std::string> paths;
  for (const auto& route : routes()) {
    std::string path(route.path);
    if (const auto open = path.find('{'); open != path.npos)
      path.replace(open, path.find('}') - open + 1, "x");
    paths.push_back(path);
  }
  return paths;
}

TEST(Dispatch, EveryPathSaysWhichMethodsItHas) {
  TestApi api;
  for (const auto& path : all_paths()) {
    const auto options = api.call("OPTIONS", path);
    EXPECT_EQ(options.status, 204) << path;
    EXPECT_TRUE(options.header("allow").ends_with("OPTIONS")) << path;
    for (const std::string_view method : {"PUT", "TRACE"}) {
      const auto refused = api.call(method, path);
      EXPECT_EQ(refused.status, 405) << path;
      EXPECT_EQ(refused.header("allow"), options.header("allow")) << path;
      EXPECT_EQ(refused.text("detail"), "Method Not Allowed") << path;
    }
    http::Request begun;  // what is known when the codec does not know the method
    begun.target = path;
    const auto unknown = api.service().error({http::FaultKind::method_not_implemented, "Why."}, begun);
    EXPECT_EQ(unknown.status, 405) << path;
  }
  EXPECT_EQ(api.call("OPTIONS", "/webhook").header("allow"), "POST, DELETE, OPTIONS");
  EXPECT_EQ(api.call("OPTIONS", "/users").header("allow"), "POST, GET, HEAD, OPTIONS");
}

TEST(Dispatch, ABodyThatIsGivenUpSaysThatTheServerIsOverloadedAndWhenToComeAgain) {
  TestApi api;
  http::Request begun;
  begun.target = "/v1/events";
  const auto given_up = api.service().error({http::FaultKind::too_many_unfinished, "Why."}, begun);
  EXPECT_EQ(given_up.status, 503);
  EXPECT_THAT(given_up.body.view(), testing::HasSubstr(R"("code":"overloaded")"));
  EXPECT_EQ(given_up.headers.find("retry-after"), "1");
  const auto busy = api.service().error({http::FaultKind::too_many_connections, "Why."}, {});
  EXPECT_THAT(busy.body.view(), testing::HasSubstr(R"("code":"too_many_connections")"));
  EXPECT_EQ(busy.headers.find("retry-after"), "1");
}

// The codec and the server name a kind of fault; the table of problems alone knows its status.
TEST(Dispatch, ARefusalOfTheCodecOrTheServerHasTheStatusOfItsProblem) {
  TestApi api;
  for (int number = 1; number <= static_cast<int>(http::kLastFaultKind); ++number) {
    const auto kind = static_cast<http::FaultKind>(number);
    const ProblemKind& problem = kind_of(kind);
    for (const std::string target : {"/v1/nothing", "/nothing"}) {
      http::Request begun;
      begun.target = target;
      const auto response = api.service().error({kind, "Why."}, begun);
      EXPECT_EQ(response.status, problem.status) << problem.code;
      const std::string code = fmt::format(R"("code":"{}")", problem.code);
      EXPECT_THAT(response.body.view(), testing::HasSubstr(code)) << target;
      if (target != "/v1/nothing") continue;
      const std::string status = fmt::format(R"("status":{})", problem.status);
      EXPECT_THAT(response.body.view(), testing::HasSubstr(status)) << problem.code;
    }
  }
}

// A client is told once which status each kind has: integrators rely on them.
TEST(Dispatch, EveryFaultHasTheStatusThatClientsWerePromised) {
  using enum http::FaultKind;
  const std::pair<http::FaultKind, int> rows[] = {{malformed, 400},
                                                  {too_slow, 408},
                                                  {body_too_large, 413},
                                                  {expands_too_far, 413},
                                                  {request_line_too_long, 414},
                                                  {coding_not_supported, 415},
                                                  {fields_too_large, 431},
                                                  {method_not_implemented, 501},
                                                  {too_many_connections, 503},
                                                  {too_many_unfinished, 503},
                                                  {version_not_supported, 505}};
  EXPECT_EQ(std::size(rows), static_cast<std::size_t>(http::kLastFaultKind));
  for (const auto& [kind, status] : rows) EXPECT_EQ(kind_of(kind).status, status) << kind_of(kind).code;
}

TEST(Dispatch, HeadIsAnsweredLikeGet) {
  TestApi api;
  for (const std::string_view path :
       {"/webhooks", "/users", "/openapi.json", "/livez", "/readyz", "/v1/endpoints"}) {
    const auto get = api.call("GET", path);
    const auto head = api.call("HEAD", path);
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(head.body, get.body) << "the server drops it and keeps its length: " << path;
  }
}

TEST(Dispatch, UnknownPathsAreNotFound) {
  TestApi api;
  for (const std::string_view path :
       {"/nope", "/webhook/x", "/users/alice", "/webhooks%00", "//users", "/docs/nope.js", "/v1", "/v1/nope",
        "/v1/endpoints/a/b", "/v1/endpoints/a%2Fb/secret/x"}) {
    const auto got = api.call("GET", path);
    EXPECT_EQ(got.status, 404) << path;
    EXPECT_EQ(got.text("detail"), "Not Found") << path;
  }
  EXPECT_EQ(api.call("GET", "/nope").body, R"({"detail":"Not Found"})");
  EXPECT_EQ(api.call("GET", "/v1/nope").header("content-type"), "application/problem+json");
}

TEST(Dispatch, ATrailingSlashIsRedirectedToThePathItself) {
  TestApi api;
  const struct {
    std::string_view target, location;
  } rows[] = {{"/webhooks/", "../webhooks"},  // relative to the path that was asked
              {"/users/messages/?recipient=a", "../messages?recipient=a"},
              {"/docs/", "../docs"},
              {"/v1/endpoints/x/", "../x"}};
  for (const auto& row : rows) {
    const auto got = api.call("GET", row.target);
    EXPECT_EQ(got.status, 307) << row.target;
    EXPECT_EQ(got.header("location"), row.location);
  }
  for (const std::string_view path : {"//evil.example/", "/nope/"})
    EXPECT_EQ(api.call("GET", path).status, 404) << path;
}

TEST(Dispatch, EscapedPathsAreTheSamePaths) {
  TestApi api;
  EXPECT_EQ(api.call("GET", "/web%68ooks").status, 200);
}

TEST(Dispatch, AnyOriginMayMakeTheContractsCallsAndNoOtherTheRest) {
  TestApi api;
  const Headers page{{"origin", "https://shop.example"}};
  for (const std::string_view path : {"/webhooks", "/users", "/nope", "/openapi.json"}) {
    EXPECT_EQ(api.call("GET", path, "", page).header("access-control-allow-origin"), "*") << path;
  }
  EXPECT_EQ(api.call("POST", "/users", "{", page).header("access-control-allow-origin"), "*");
  for (const std::string_view method : {"GET", "POST", "OPTIONS"}) {
    const auto got = api.call(method, "/v1/endpoints", "", page);
    EXPECT_EQ(got.status, 403) << method;
    EXPECT_EQ(got.text("code"), "foreign_origin");
    EXPECT_EQ(got.header("access-control-allow-origin"), "");
  }
  EXPECT_EQ(api.call("GET", "/v1/endpoints", "", {{"origin", "null"}}).status, 403);
  EXPECT_EQ(api.call("GET", "/v1/endpoints", "", {{"origin", "http://127.0.0.1:8000"}}).status, 200);
}

TEST(Dispatch, APreflightOfAnyPathIsAllowedWhatItAskedFor) {
  TestApi api;
  for (const std::string_view path :
       {"/webhook", "/users/", "/nope", "/nope/", "/", "/docs", "/users/messages/?recipient=a", "/livez"}) {
    const auto got = api.call("OPTIONS", path, "",
                              {{"origin", "https://shop.example"},
                               {"access-control-request-method", "DELETE"},
                               {"access-control-request-headers", "content-type,x-a"}});
    EXPECT_EQ(got.status, 204) << path;
    EXPECT_EQ(got.header("access-control-allow-origin"), "*") << path;
    EXPECT_THAT(got.header("access-control-allow-methods"), testing::HasSubstr("DELETE")) << path;
    EXPECT_EQ(got.header("access-control-allow-headers"), "content-type,x-a") << path;
  }
  EXPECT_EQ(api.call("OPTIONS", "/nope", "", {{"origin", "https://shop.example"}}).status, 404)
      << "without a method to ask for it is a call like any other";
}

TEST(Dispatch, ThePageReadsTheRealStatusAfterItsPreflight) {
  TestApi api;
  const Headers page{{"origin", "https://shop.example"}};
  const struct {
    std::string_view method, target;
    int status;
  } rows[] = {{"POST", "/users/", 307}, {"GET", "/nope", 404}, {"PUT", "/webhook", 405}};
  for (const auto& row : rows) {
    const auto got = api.call(row.method, row.target, "{}", page);
    EXPECT_EQ(got.status, row.status) << row.target;
    EXPECT_EQ(got.header("access-control-allow-origin"), "*") << row.target;
  }
}

TEST(Dispatch, OnlyPublishingMayHaveALargeBody) {
  TestApi api;
  const auto& service = api.service();
  EXPECT_EQ(service.body_limit(http::Method::post, "/v1/events"), 256u * 1024);
  EXPECT_EQ(service.body_limit(http::Method::post, "/v1/events?x=1"), 256u * 1024);
  for (const std::string_view target : {"/users", "/v1/events/x", "/v1/endpoints", "/nope"}) {
    EXPECT_EQ(service.body_limit(http::Method::post, target), 16u * 1024) << target;
  }
  EXPECT_EQ(service.body_limit(http::Method::put, "/v1/events"), 16u * 1024);
}

TEST(Dispatch, WhatNeverBecameARequestIsAnsweredInTheFormOfItsPathWithAWayOut) {
  TestApi api;
  using enum http::FaultKind;
  const struct {
    http::FaultKind kind;
    int status;
    http::Method method;
    std::string target, code, words;
  } rows[] = {
      {body_too_large, 413, http::Method::post, "/users", "payload_too_large",
       "16384 bytes that this call takes (limits.max_body_"},
      {body_too_large, 413, http::Method::post, "/v1/events?x", "payload_too_large",
       "262144 bytes that this call takes (limits.max_ev"},
      {body_too_large, 413, http::Method::put, "/v1/events", "payload_too_large", "16384 bytes"},
      {malformed, 400, http::Method::get, "", "malformed_request", "Why."},
      {malformed, 400, http::Method::get, "/v1/events", "malformed_request", "Why."},
      {too_slow, 408, http::Method::get, "", "request_timeout", "Why."},
      {request_line_too_long, 414, http::Method::get, "", "uri_too_long", "Why."},
      {expands_too_far, 413, http::Method::post, "/users", "payload_too_large", "Why."},
      {coding_not_supported, 415, http::Method::post, "/users", "unsupported_content_encoding", "Why."},
      {coding_not_supported, 415, http::Method::post, "/v1/events", "unsupported_content_encoding", "Why."},
      {fields_too_large, 431, http::Method::get, "/v1/deliveries", "headers_too_large", "Why."},
      {too_many_connections, 503, http::Method::get, "", "too_many_connections", "Why."},
      {version_not_supported, 505, http::Method::get, "", "http_version_not_supported", "Why."},
  };
  for (const auto& row : rows) {
    http::Request begun;
    begun.method = row.method;
    begun.target = row.target;
    const auto response = api.service().error({row.kind, "Why."}, begun);
    Got got{response.status, {}, std::string(response.body.view())};
    for (const auto& [name, value] : response.headers) got.headers[std::string(name)] = value;
    EXPECT_EQ(got.status, row.status);
    EXPECT_EQ(got.text("code"), row.code) << got.body;
    EXPECT_NE(got.text("detail").find(row.words), std::string::npos) << got.body;
    EXPECT_TRUE(got.text("hint").ends_with('.')) << got.body;
    EXPECT_EQ(got.header("accept-encoding"), row.status == 415 ? "gzip, identity" : "");
    const bool v1 = row.target.starts_with("/v1");
    EXPECT_EQ(got.header("content-type"), v1 ? "application/problem+json" : "application/json");
    EXPECT_EQ(got.header("access-control-allow-origin"), v1 ? "" : "*");
  }
}

}  // namespace
}  // namespace exposee::api

#include "api/documents/documents.h"

#include <algorithm>
#include <set>

#include "api/documents/postman_steps.h"
#include "api/resources.h"
#include "api/wire/problem.h"
#include "api/wire/router.h"
#include "fakes/test_api.h"

namespace exposee::api {
namespace {

namespace json = boost::json;

json::object openapi() {
  return json::parse(make_openapi(routes(), "1.2.3")).as_object();
}

// Calls `visit` with every object inside.
void each_object(const json::value& value, const std::function<void(const json::object&)>& visit) {
  if (value.is_array()) {
    for (const auto& item : value.as_array()) each_object(item, visit);
  }
  if (!value.is_object()) return;
  visit(value.as_object());
  for (const auto& member : value.as_object()) each_object(member.value(), visit);
}

// A response, or the component that it refers to.
const json::object& resolved(const json::object& document, const json::value& response) {
  const auto* reference = response.as_object().if_contains("$ref");
  if (!reference) return response.as_object();
  const auto& name = reference->as_string();
  return document.at("components").at("responses").at(name.subview(name.rfind('/') + 1)).as_object();
}

TEST(Openapi, HasEveryListedRouteOnceAndEveryIdOnce) {
  const auto document = openapi();
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  std::set<std::string> ids;
  std::size_t listed = 0, printed = 0;
  for (const auto& route : routes()) {
    if (route.summary.empty()) continue;
    ++listed;
    std::string method(to_text(route.method));
    for (auto& c : method) c = static_cast<char>(std::tolower(c));
    const auto& operation = document.at("paths").at(std::string(route.path)).at(method).as_object();
    EXPECT_TRUE(ids.insert(std::string(operation.at("operationId").as_string())).second) << route.id;
    EXPECT_FALSE(operation.at("responses").as_object().empty()) << route.path;
  }
  for (const auto& path : document.at("paths").as_object()) printed += path.value().as_object().size();
  EXPECT_EQ(printed, listed);
  EXPECT_GE(listed, 25u);
}

TEST(Openapi, EveryReferenceResolvesAndEveryComponentIsUsed) {
  const auto document = openapi();
  const auto& components = document.at("components").as_object();
  std::set<std::string> used;
  each_object(document, [&](const json::object& object) {
    const auto* reference = object.if_contains("$ref");
    if (!reference) return;
    const std::string text(reference->as_string());
    const std::string prefix = "#/components/";
    ASSERT_TRUE(text.starts_with(prefix)) << text;
    const auto slash = text.find('/', prefix.size());
    const auto& kind = components.at(text.substr(prefix.size(), slash - prefix.size())).as_object();
    EXPECT_TRUE(kind.contains(text.substr(slash + 1))) << text;
    used.insert(text);
  });
  for (const std::string kind : {"schemas", "responses"}) {
    for (const auto& component : components.at(kind).as_object()) {
      EXPECT_TRUE(used.contains("#/components/" + kind + "/" + std::string(component.key())))
          << component.key();
    }
  }
}

// A generated client sends every default of a body that its caller left out: a change of one member would
// reset all others. What a call assumes stands in words instead.
TEST(Openapi, NoBodyHasDefaultsAndWhatIsRequiredExists) {
  each_object(openapi().at("components").at("schemas"), [](const json::object& schema) {
    EXPECT_FALSE(schema.contains("default")) << json::serialize(schema);
    const auto* required = schema.if_contains("required");
    if (!required || !required->is_array()) return;
    for (const auto& name : required->as_array()) {
      EXPECT_TRUE(schema.at("properties").as_object().contains(name.as_string())) << name;
    }
  });
}

TEST(Openapi, HasWhatLintersAskFor) {
  const auto document = openapi();
  EXPECT_TRUE(document.at("security").as_array().empty());
  EXPECT_FALSE(document.at("info").at("contact").as_object().empty());
  EXPECT_EQ(document.at("info").at("license").at("identifier"), "Apache-2.0");
  std::set<std::string> tags, used;
  for (const auto& tag : document.at("tags").as_array()) {
    EXPECT_FALSE(tag.at("description").as_string().empty());
    tags.insert(std::string(tag.at("name").as_string()));
  }
  for (const std::string group : {"paths", "webhooks"}) {
    for (const auto& path : document.at(group).as_object()) {
      for (const auto& operation : path.value().as_object()) {
        const auto& call = operation.value().as_object();
        EXPECT_FALSE(call.at("summary").as_string().empty()) << path.key();
        ASSERT_TRUE(call.contains("description")) << path.key() << operation.key();
        for (const auto& tag : call.at("tags").as_array()) used.insert(std::string(tag.as_string()));
      }
    }
  }
  EXPECT_EQ(used, tags);
}

TEST(Openapi, EveryPathParameterIsDeclaredAndOptionalOnesHaveADefault) {
  const auto document = openapi();
  for (const auto& path : document.at("paths").as_object()) {
    const bool braces = path.key().find('{') != json::string_view::npos;
    for (const auto& operation : path.value().as_object()) {
      const auto* parameters = operation.value().as_object().if_contains("parameters");
      std::size_t in_path = 0;
      for (const auto& parameter : parameters ? parameters->as_array() : json::array{}) {
        const auto& where = parameter.at("in").as_string();
        in_path += where == "path";
        if (where == "path") continue;  // importers fill in "<string>", which is nobody's id
        EXPECT_TRUE(parameter.at("required").as_bool() ||
                    parameter.at("schema").as_object().contains("default"))
            << path.key() << parameter.at("name");
      }
      EXPECT_EQ(in_path, braces ? 1u : 0u) << path.key();
    }
  }
}

TEST(Openapi, EveryProblemIsShownWithTheStatusThatItStandsUnder) {
  const auto document = openapi();
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      for (const auto& answer : operation.value().at("responses").as_object()) {
        const auto* content = resolved(document, answer.value()).if_contains("content");
        const auto* problem =
            content ? content->as_object().if_contains("application/problem+json") : nullptr;
        if (!problem) continue;
        EXPECT_EQ(std::to_string(problem->at("example").at("status").as_int64()), answer.key())
            << path.key() << operation.key();
      }
    }
  }
}

TEST(Openapi, WhatACallAnswersIsDescribed) {
  const auto document = openapi();
  const struct {
    std::string path, method;
    std::vector<std::string> statuses;
  } rows[] = {
      {"/v1/events",
       "post",
       {"202", "400", "403", "404", "408", "413", "414", "415", "421", "422", "431", "503", "507"}},
      {"/v1/endpoints",
       "post",
       {"201", "400", "403", "408", "409", "413", "414", "415", "421", "422", "431", "503", "507"}},
      {"/v1/endpoints/{id}",
       "patch",
       {"200", "400", "403", "404", "408", "412", "413", "414", "415", "421", "422", "431", "503", "507"}},
      {"/v1/endpoints/{id}", "get", {"200", "400", "403", "404", "408", "414", "421", "431", "503"}},
      {"/v1/deliveries/{id}/retry",
       "post",
       {"202", "400", "403", "404", "408", "409", "414", "421", "422", "431", "503", "507"}},
      {"/webhook",
       "post",
       {"200", "400", "403", "404", "408", "413", "414", "415", "421", "422", "431", "503", "507"}},
      {"/users", "get", {"200", "400", "403", "408", "414", "421", "431", "503"}},
  };
  for (const auto& row : rows) {
    std::set<std::string> described;
    for (const auto& answer : document.at("paths").at(row.path).at(row.method).at("responses").as_object())
      described.insert(std::string(answer.key()));
    EXPECT_EQ(described, std::set<std::string>(row.statuses.begin(), row.statuses.end()))
        << row.path << row.method;
  }
  const auto& unknown = document.at("paths").at("/v1/deliveries/{id}").at("get").at("responses").at("404");
  EXPECT_EQ(unknown.at("content").at("application/problem+json").at("example").at("code"),
            "delivery_not_found");
}

TEST(Openapi, DescribesWhatReceiversGet) {
  const auto document = openapi();
  for (const std::string event : {"user_registered", "user_send_message"}) {
    const auto& operation = document.at("webhooks").at(event).at("post");
    EXPECT_TRUE(
        operation.at("requestBody").at("content").at("application/json").as_object().contains("schema"));
    EXPECT_EQ(operation.at("parameters").as_array().size(), 5u);
  }
}

TEST(Openapi, TheExamplesOfRequestsAreTakenByTheServer) {
  TestApi api;
  const auto document = openapi();
  for (const auto& path : document.at("paths").as_object()) {
    const auto* post = path.value().as_object().if_contains("post");
    const auto* body = post ? post->as_object().if_contains("requestBody") : nullptr;
    if (!body || path.key().find('{') != json::string_view::npos) continue;
    const auto example = json::serialize(body->at("content").at("application/json").at("example"));
    const auto got = api.call("POST", std::string(path.key()), example);
    const bool needs_users = path.key() == "/users/messages";
    EXPECT_EQ(got.status / 100, needs_users ? 4 : 2) << path.key() << example << got.body;
    EXPECT_NE(got.status, 422) << path.key() << got.body;
  }
}

struct Named {
  std::string host, url;
};
void expect_named(const ApiOptions& options, const std::vector<Named>& rows) {
  TestApi api(options);
  for (const auto& row : rows) {
    const auto got = api.call("GET", "/openapi.json", "", {{"host", row.host}});
    EXPECT_EQ(got.json().at("servers").at(0).at("url").as_string(), row.url) << row.host;
    EXPECT_EQ(got.header("vary"), "host");
    const auto postman = api.call("GET", "/postman.json", "", {{"host", row.host}});
    EXPECT_EQ(postman.json().at("variable").at(0).at("value").as_string(), row.url) << row.host;
    EXPECT_EQ(postman.body.find(kBaseUrlMark), std::string::npos);
  }
}

TEST(Documents, NameTheServerAsItWasCalled) {
  auto options = TestApi::default_options();
  options.base_url = "http://127.0.0.1:8000";
  expect_named(options, {{"localhost:9000", "http://localhost:9000"},
                         {"LOCALHOST", "http://localhost"},
                         {"[::1]:8000", "http://[::1]:8000"},
                         {"evil.example", "http://127.0.0.1:8000"},
                         {"", "http://127.0.0.1:8000"}});
}

TEST(Documents, NameAnyPlainHostWhereEveryHostIsOurs) {
  auto options = TestApi::default_options();
  options.base_url = "http://127.0.0.1:8000";
  options.allowed_hosts = {std::string(kAnyHost)};
  const std::string fallback = options.base_url;
  expect_named(options, {{"10.0.0.5:8000", "http://10.0.0.5:8000"},
                         {"exposee_web:8000", "http://exposee_web:8000"},
                         {"hooks.example.com", "http://hooks.example.com"},
                         {"a\"b", fallback},
                         {"a/b", fallback},
                         {"user@host", fallback},
                         {"a:b", fallback},
                         {"a:99999", fallback},
                         {"[::1", fallback},
                         {"[::g]", fallback},
                         {std::string(261, 'a'), fallback}});
}

TEST(Documents, NameThePublicUrlWhoeverAsks) {
  auto options = TestApi::default_options();
  options.public_url = "https://example.com/hooks";
  options.own_hosts.push_back("example.com");
  expect_named(options, {{"example.com", "https://example.com/hooks"},
                         {"127.0.0.1:8000", "https://example.com/hooks"},
                         {"evil.example", "https://example.com/hooks"}});
}

TEST(Documents, AreMadeOnceForEachNameAndForFewNames) {
  Documents documents("at " + std::string(kBaseUrlMark), "postman");
  const auto first = documents.openapi("http://a");
  EXPECT_EQ(first->text, "at http://a");
  EXPECT_EQ(documents.openapi("http://a"), first);
  EXPECT_NE(documents.openapi("http://b")->etag, first->etag);
  for (int i = 0; i < 100; ++i) documents.openapi("http://" + std::to_string(i));
  EXPECT_EQ(first.use_count(), 1) << "it was dropped";
  EXPECT_EQ(documents.openapi("http://a")->text, first->text);
}

TEST(Postman, EveryRequestIsCheckedAndItsPathExists) {
  const auto collection = json::parse(make_postman("1.2.3")).as_object();
  EXPECT_EQ(collection.at("info").at("schema"),
            "https://schema.getpostman.com/json/collection/v2.1.0/collection.json");
  const Router router(routes());
  std::size_t requests = 0;
  for (const auto& folder : collection.at("item").as_array()) {
    for (const auto& item : folder.at("item").as_array()) {
      const auto& request = item.at("request").as_object();
      const std::string raw(request.at("url").at("raw").as_string());
      ASSERT_TRUE(raw.starts_with("{{baseUrl}}/")) << raw;
      std::string parameter;
      const auto path = raw.substr(11, raw.find('?') == raw.npos ? raw.npos : raw.find('?') - 11);
      const auto* entry = router.find(path, parameter);
      ASSERT_NE(entry, nullptr) << path;
      const std::string method(request.at("method").as_string());
      EXPECT_NE(entry->find(http::parse_method(method)), nullptr) << method << path;
      EXPECT_EQ(item.at("event").at(0).at("listen"), "test");
      ++requests;
    }
  }
  EXPECT_GE(requests, 30u);
}

// As the collection's description says.
TEST(Postman, EveryCallOfTheOpenapiHasAStep) {
  const Router router(routes());
  std::set<const Route*> taken;
  for (const auto& step : postman_steps()) {
    std::string parameter;
    const auto* entry = router.find(step.target.substr(0, step.target.find('?')), parameter);
    ASSERT_NE(entry, nullptr) << step.target;
    taken.insert(entry->find(http::parse_method(step.method)));
  }
  for (const auto& route : routes()) {
    if (route.id.empty()) continue;  // a page
    const auto same = [&](const Route* step) { return step->id == route.id; };
    EXPECT_TRUE(std::ranges::any_of(taken, same)) << to_text(route.method) << " " << route.path;
  }
}

TEST(Problems, EveryCodeIsDifferent) {
  std::set<std::string_view> codes;
  for (const auto& kind : all_problems()) {
    EXPECT_TRUE(codes.insert(kind.code).second) << kind.code;
    EXPECT_GE(kind.status, 400) << kind.code;
  }
}

}  // namespace
}  // namespace exposee::api

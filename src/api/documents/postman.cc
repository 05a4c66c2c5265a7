// The Postman collection: the steps of postman_steps.cc as Collection v2.1.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "api/documents/documents.h"
#include "api/documents/postman_steps.h"

namespace exposee::api {
namespace {

namespace json = boost::json;

constexpr std::string_view kSchema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
// A loopback port where nothing is expected to listen: the collection needs no receiver.
constexpr std::string_view kHookUrl = "http://127.0.0.1:59997/hook";

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

json::array lines(std::string_view text) {
  json::array all;
  while (!text.empty()) {
    const auto end = text.find('\n');
    all.emplace_back(view(text.substr(0, end)));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return all;
}

json::object script(std::string_view listen, std::string_view text) {
  return {{"listen", view(listen)}, {"script", {{"type", "text/javascript"}, {"exec", lines(text)}}}};
}

json::array segments(std::string_view path) {
  json::array all;
  path.remove_prefix(1);
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/')) {
    all.emplace_back(view(path.substr(0, slash)));
    path.remove_prefix(slash + 1);
  }
  all.emplace_back(view(path));
  return all;
}

json::array parameters(std::string_view query) {
  json::array all;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
    const auto equals = pair.find('=');
    all.push_back({{"key", view(pair.substr(0, equals))}, {"value", view(pair.substr(equals + 1))}});
  }
  return all;
}

json::object url(std::string_view target) {
  const auto mark = target.find('?');
  json::object url{{"raw", fmt::format("{{{{baseUrl}}}}{}", target)},
                   {"host", json::array{"{{baseUrl}}"}},
                   {"path", segments(target.substr(0, mark))}};
  if (mark != target.npos) url["query"] = parameters(target.substr(mark + 1));
  return url;
}

json::array headers(const PostmanStep& step) {
  json::array all;
  if (!step.body.empty()) all.push_back({{"key", "Content-Type"}, {"value", "application/json"}});
  if (const auto colon = step.headers.find(": "); colon != step.headers.npos) {
    all.push_back(
        {{"key", view(step.headers.substr(0, colon))}, {"value", view(step.headers.substr(colon + 2))}});
  }
  return all;
}

json::object request(const PostmanStep& step) {
  json::object all{{"method", view(step.method)}, {"header", headers(step)}, {"url", url(step.target)}};
  if (!step.body.empty()) {
    all["body"] = {{"mode", "raw"}, {"raw", view(step.body)}, {"options", {{"raw", {{"language", "json"}}}}}};
  }
  return all;
}

std::string test_script(const PostmanStep& step) {
  std::string text =
      fmt::format("pm.test('answers {0}', () => pm.response.to.have.status({0}));", step.status);
  if (!step.test.empty()) text.append("\nconst json = pm.response.json();\n").append(step.test);
  return text;
}

json::object item(const PostmanStep& step) {
  return {{"name", view(step.name)},
          {"request", request(step)},
          {"response", json::array{}},
          {"event", json::array{script("test", test_script(step))}}};
}

json::array folders() {
  json::array all;
  std::string_view open;
  for (const auto& step : postman_steps()) {
    if (step.folder != open) all.push_back({{"name", view(step.folder)}, {"item", json::array{}}});
    open = step.folder;
    all.back().as_object()["item"].as_array().push_back(item(step));
  }
  return all;
}

json::object variable(std::string_view key, std::string_view value) {
  return {{"key", view(key)}, {"value", view(value)}};
}

}  // namespace

std::string make_postman(std::string_view version) {
  json::array steps = folders();
  // What cannot be removed stays (users, events), so every run has names of its own; the collection can
  // be run any number of times.
  auto& first = steps.front().as_object()["item"].as_array().front().as_object();
  first["event"].as_array().push_back(script("prerequest",
                                             "const run = String(Date.now());\n"
                                             "pm.collectionVariables.set('run', run);\n"
                                             "const base = pm.collectionVariables.get('hookBase');\n"
                                             "pm.collectionVariables.set('hookUrl', base + '-' + run);"));
  const json::object collection{
      {"info",
       {{"name", "Exposee"},
        {"description",
         "Every call of Exposee, in an order that can be run from top to bottom. Nothing else is needed: "
         "the registered URL is a loopback port where nothing listens. New integrations use the calls under "
         "/v1 (folders 4 and 5)."},
        {"version", view(version)},
        {"schema", view(kSchema)}}},
      {"variable", json::array{variable("baseUrl", kBaseUrlMark), variable("hookBase", kHookUrl),
                               variable("run", "1"), variable("hookUrl", fmt::format("{}-1", kHookUrl)),
                               variable("endpoint", ""), variable("event", ""), variable("delivery", "")}},
      {"item", std::move(steps)}};
  return json::serialize(collection);
}

}  // namespace exposee::api

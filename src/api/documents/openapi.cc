// Prints the route table as OpenAPI 3.1.
#include <algorithm>
#include <boost/json.hpp>

#include "api/access/access.h"
#include "api/contract/refusal.h"
#include "api/documents/documents.h"
#include "api/resources.h"
#include "api/wire/problem.h"
#include "core/text/text.h"

namespace exposee::api {
namespace {

namespace json = boost::json;

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}
json::value parsed(std::string_view text) {
  return json::parse(view(text));
}

json::object reference(std::string_view schema) {
  return {{"$ref", std::string("#/components/schemas/").append(schema)}};
}

json::object components() {
  json::object schemas;
  for (const auto& resource : resources()) {
    for (const auto& schema : resource.schemas) schemas[view(schema.name)] = parsed(schema.json);
  }
  return {{"schemas", std::move(schemas)}};
}

struct TagDoc {
  std::string_view name, description;
};
// The groups, in the order in which Swagger UI shows them: what new integrations use comes first.
constexpr TagDoc kTags[] = {
    {"endpoints",
     "Who receives what. An endpoint is a receiver's URL with the event types it subscribes to."},
    {"event types", "The kinds of events that can be published."},
    {"events", "Publishing events, and looking at them."},
    {"deliveries", "One event on its way to one endpoint: its status, its attempts, and sending it again."},
    {"original calls", "Frozen: they stay exactly as they are. New integrations should use /v1."},
    {"users and messages",
     "The built-in notification system, a small source of events to try Exposee with: registering a user and "
     "sending a message each publish an event."},
    {"operation", "For load balancers and monitoring."},
    {"documents", "Descriptions of this API to import."},
    {"sent to receivers", "What Exposee sends to the URLs that are registered."},
};

json::array tags() {
  json::array all;
  for (const auto& tag : kTags)
    all.push_back({{"name", view(tag.name)}, {"description", view(tag.description)}});
  return all;
}

// A body of that schema, with the schema's first example.
json::object content(std::string_view schema, const json::object& schemas) {
  const std::string_view type = schema == "Problem"   ? "application/problem+json"
                                : schema == "Metrics" ? "text/plain"
                                                      : "application/json";
  json::object media{{"schema", reference(schema)}};
  if (const auto* examples = schemas.at(view(schema)).as_object().if_contains("examples")) {
    media["example"] = examples->as_array().front();
  }
  return {{view(type), std::move(media)}};
}

json::object parameter(const ParameterDoc& doc) {
  return {{"name", view(doc.name)},
          {"in", view(doc.in)},
          {"required", doc.required},
          {"description", view(doc.description)},
          {"schema", parsed(doc.schema)}};
}

// The name between the braces of the path.
std::string_view path_parameter(std::string_view path) {
  const auto open = path.find('{');
  return open == path.npos ? std::string_view{} : path.substr(open + 1, path.find('}') - open - 1);
}

std::string_view path_description(std::string_view name) {
  return name == "id" ? "The public id." : "The name.";
}

// Ids cannot be guessed. The name is the one that is declared by the example of the call that declares.
json::object in_path(std::string_view name) {
  auto doc = parameter({name, "path", path_description(name), R"({"type":"string"})", true});
  if (name == "name") doc["example"] = "order.paid";
  return doc;
}

json::array parameters(const Route& route) {
  json::array all;
  if (const auto name = path_parameter(route.path); !name.empty()) all.push_back(in_path(name));
  for (const auto& doc : route.parameters) all.push_back(parameter(doc));
  if (route.idempotent) {
    all.push_back(
        parameter({"Idempotency-Key", "header",
                   "Repeating a request with the same key and body within 24 hours returns the first "
                   "response. An empty value counts as no key.",
                   R"({"type":"string","maxLength":255,"default":""})"}));
  }
  return all;
}

// The kind that the description names, else the first of that status.
const ProblemKind& kind_of(const ResponseDoc& doc) {
  const auto all = all_problems();
  const auto named = std::ranges::find_if(
      all, [&](const auto& kind) { return kind.status == doc.status && kind.title == doc.description; });
  return named != all.end() ? *named : *std::ranges::find(all, doc.status, &ProblemKind::status);
}

json::value problem_example(const ProblemKind& kind, bool v1) {
  Problem problem{&kind, std::string(kind.title), {}, {}};
  if (kind.code == problems.invalid_request.code) {
    problem.detail = "Invalid body";
    problem.errors = {{"/events", "is required"}};
  }
  return parsed((v1 ? to_reply(problem) : contract_problem(problem)).body);
}

json::object response(const ResponseDoc& doc, const json::object& schemas) {
  json::object answer{{"description", view(doc.description)}};
  if (doc.schema.empty()) return answer;
  answer["content"] = content(doc.schema, schemas);
  if (doc.schema == "Problem") {
    answer["content"].at("application/problem+json").as_object()["example"] =
        problem_example(kind_of(doc), true);
  }
  return answer;
}

bool is_v1(const Route& route) {
  return family_of(route.path) == Family::v1;
}

// What any call may answer besides its own, by what it takes and does: refused before it was understood, or
// because of the server's state. Each is one component of the document.
std::vector<const ProblemKind*> common_problems(const Route& route) {
  std::vector<const ProblemKind*> kinds{&problems.malformed_request, &problems.request_timeout,
                                        &problems.uri_too_long,      &problems.headers_too_large,
                                        &problems.unknown_host,      &problems.overloaded};
  kinds.push_back(is_v1(route) ? &problems.foreign_origin : &problems.origin_not_allowed);
  if (!route.request_schema.empty()) {
    if (is_v1(route)) kinds.front() = &problems.invalid_json;
    kinds.push_back(&problems.payload_too_large);
    kinds.push_back(&problems.unsupported_media_type);
  } else if (route.idempotent) {
    kinds.front() = &problems.invalid_idempotency_key;
  }
  if (route.idempotent) kinds.push_back(&problems.idempotency_key_reused);
  if (route.method != http::Method::get) kinds.push_back(&problems.storage_full);
  return kinds;
}

// "PayloadTooLarge" under /v1, "PayloadTooLargeError" elsewhere.
std::string component_name(const ProblemKind& kind, bool v1) {
  std::string name;
  bool upper = true;
  for (const char c : kind.code) {
    if (c != '_') name += upper ? static_cast<char>(c - 'a' + 'A') : c;
    upper = c == '_';
  }
  return v1 ? name : name + "Error";
}

json::object common_response(const ProblemKind& kind, bool v1) {
  const std::string_view type = v1 ? "application/problem+json" : "application/json";
  return {{"description", view(kind.title)},
          {"content",
           {{view(type),
             {{"schema", reference(v1 ? "Problem" : "Error")}, {"example", problem_example(kind, v1)}}}}}};
}

// Those of them that the route does not describe itself.
std::vector<const ProblemKind*> added_problems(const Route& route) {
  auto kinds = common_problems(route);
  std::erase_if(kinds, [&](const auto* kind) {
    return std::ranges::find(route.responses, kind->status, &ResponseDoc::status) != route.responses.end();
  });
  return kinds;
}

json::object common_responses(const std::vector<Route>& routes) {
  json::object all;
  for (const auto& route : routes) {
    if (route.summary.empty()) continue;
    for (const auto* kind : added_problems(route)) {
      all[component_name(*kind, is_v1(route))] = common_response(*kind, is_v1(route));
    }
  }
  return all;
}

json::object responses(const Route& route, const json::object& schemas) {
  json::object answers;
  for (const auto& doc : route.responses) answers[std::to_string(doc.status)] = response(doc, schemas);
  for (const auto* kind : added_problems(route)) {
    answers[std::to_string(kind->status)] = {
        {"$ref", "#/components/responses/" + component_name(*kind, is_v1(route))}};
  }
  return answers;
}

json::object operation(const Route& route, const json::object& schemas) {
  json::object op{{"operationId", view(route.id)},
                  {"tags", json::array{view(route.tag)}},
                  {"summary", view(route.summary)}};
  if (!route.description.empty()) op["description"] = view(route.description);
  if (auto all = parameters(route); !all.empty()) op["parameters"] = std::move(all);
  if (!route.request_schema.empty()) {
    op["requestBody"] = {{"required", route.request_required},
                         {"content", content(route.request_schema, schemas)}};
  }
  op["responses"] = responses(route, schemas);
  return op;
}

json::object paths(const std::vector<Route>& routes, const json::object& schemas) {
  json::object all;
  for (const auto& route : routes) {
    if (route.summary.empty()) continue;
    auto& path = all[view(route.path)];
    if (!path.is_object()) path = json::object();
    path.as_object()[ascii_lower_case(http::to_text(route.method))] = operation(route, schemas);
  }
  return all;
}

json::object header(std::string_view name, std::string_view description) {
  return parameter({name, "header", description, R"({"type":"string"})", true});
}

// What a receiver gets (Standard Webhooks 1.0.0).
json::object webhook(std::string_view event, std::string_view schema, const json::object& schemas) {
  json::object op{
      {"operationId", std::string("receive_").append(event)},
      {"tags", json::array{"sent to receivers"}},
      {"summary", std::string("Sent to every URL registered for ").append(event)},
      {"description", "Signed as Standard Webhooks 1.0 describes; verify the body's bytes as received."},
      {"parameters",
       json::array{
           header("webhook-id", "The same for every attempt: deduplicate by it."),
           header("webhook-timestamp", "Unix seconds of this attempt."),
           header("webhook-signature",
                  "`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body joined by dots. Several "
                  "signatures are separated by a space."),
           header("webhook-event", "Name of the event."), header("webhook-attempt", "Counted from 1.")}},
      {"requestBody", {{"required", true}, {"content", content(schema, schemas)}}},
      {"responses",
       {{"2XX", {{"description", "Received. Respond at once and do the work afterwards."}}},
        {"410", {{"description", "Exposee disables the endpoint and sends nothing more."}}},
        {"default", {{"description", "Failed. Exposee sends it again on the retry schedule."}}}}}};
  return {{"post", std::move(op)}};
}

}  // namespace

std::string make_openapi(const std::vector<Route>& routes, std::string_view version) {
  json::object parts = components();
  parts["responses"] = common_responses(routes);
  const json::object schemas = parts.at("schemas").as_object();
  json::object document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Exposee"},
        {"version", view(version)},
        {"summary", "Webhooks for user notifications: durable, signed, retried."},
        {"description",
         "Register a URL, publish an event, and see it delivered. New integrations should use the calls "
         "under /v1; the unprefixed calls are frozen. A request with an unknown method or another HTTP "
         "version than 1.0 and 1.1 gets 501 or 505, an unknown path 404, another method of a known path "
         "405. A request body may be compressed: `Content-Encoding: gzip`."},
        {"contact", {{"name", "The Exposee project"}}},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"servers", json::array{json::object{{"url", view(kBaseUrlMark)}}}},
      {"security", json::array{}},
      {"tags", tags()},
      {"paths", paths(routes, schemas)},
      {"webhooks",
       {{"user_registered", webhook("user_registered", "UserRegisteredEvent", schemas)},
        {"user_send_message", webhook("user_send_message", "UserSendMessageEvent", schemas)}}},
      {"components", std::move(parts)}};
  return json::serialize(document);
}

}  // namespace exposee::api

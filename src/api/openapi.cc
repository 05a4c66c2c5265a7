// Prints the route table as OpenAPI 3.1.
#include <algorithm>
#include <boost/json.hpp>

#include "api/documents.h"
#include "api/problem.h"
#include "api/schemas.h"
#include "core/text.h"

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
  for (const auto& schema : contract_schemas()) schemas[view(schema.name)] = parsed(schema.json);
  for (const auto& schema : v1_schemas()) schemas[view(schema.name)] = parsed(schema.json);
  return {{"schemas", std::move(schemas)}};
}

// A body of that schema, with the schema's first example.
json::object content(std::string_view schema, const json::object& schemas) {
  const std::string_view type = schema == "Problem" ? "application/problem+json" : "application/json";
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

json::array parameters(const Route& route) {
  json::array all;
  if (const auto name = path_parameter(route.path); !name.empty()) {
    all.push_back(parameter({name, "path", "The public id.", R"({"type":"string"})", true}));
  }
  for (const auto& doc : route.parameters) all.push_back(parameter(doc));
  if (route.idempotent) {
    all.push_back(
        parameter({"Idempotency-Key", "header",
                   "The same key and body answer again what was answered first, for 24 hours. Empty: "
                   "no key.",
                   R"({"type":"string","maxLength":255,"default":""})"}));
  }
  return all;
}

// The kind that the description names, else the first of that status.
const ProblemKind& kind_of(const ResponseDoc& doc) {
  const auto all = all_problems();
  const auto named = std::ranges::find_if(
      all, [&](const auto* kind) { return kind->status == doc.status && kind->title == doc.description; });
  return named != all.end() ? **named : **std::ranges::find(all, doc.status, &ProblemKind::status);
}

json::value problem_example(const ProblemKind& kind) {
  Problem problem{&kind, std::string(kind.title)};
  if (&kind == &problems::kInvalidRequest) {
    problem.detail = "The body breaks a rule";
    problem.errors = {{"/events", "is required"}};
  }
  return parsed(to_reply(problem).body);
}

json::object response(const ResponseDoc& doc, const json::object& schemas) {
  json::object answer{{"description", view(doc.description)}};
  if (doc.schema.empty()) return answer;
  answer["content"] = content(doc.schema, schemas);
  if (doc.schema == "Problem") {
    answer["content"].at("application/problem+json").as_object()["example"] = problem_example(kind_of(doc));
  }
  return answer;
}

// What every call under /v1 may answer besides its own, by what it takes and does.
std::vector<ResponseDoc> common_responses(const Route& route) {
  if (!route.path.starts_with("/v1/")) return {};
  std::vector<ResponseDoc> docs{{403, problems::kForeignOrigin.title, "Problem"},
                                {421, problems::kUnknownHost.title, "Problem"},
                                {503, problems::kOverloaded.title, "Problem"}};
  if (!route.request_schema.empty()) {
    docs.push_back({400, problems::kInvalidJson.title, "Problem"});
    docs.push_back({413, problems::kPayloadTooLarge.title, "Problem"});
    docs.push_back({415, problems::kUnsupportedMediaType.title, "Problem"});
  } else if (route.idempotent) {
    docs.push_back({400, problems::kInvalidIdempotencyKey.title, "Problem"});
  }
  if (route.idempotent) docs.push_back({422, problems::kIdempotencyKeyReused.title, "Problem"});
  if (route.method != http::Method::get) docs.push_back({507, problems::kStorageFull.title, "Problem"});
  return docs;
}

json::object responses(const Route& route, const json::object& schemas) {
  json::object answers;
  for (const auto& doc : route.responses) answers[std::to_string(doc.status)] = response(doc, schemas);
  for (const auto& doc : common_responses(route)) {
    const auto status = std::to_string(doc.status);
    if (!answers.contains(status)) answers[status] = response(doc, schemas);
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
      {"parameters",
       json::array{header("webhook-id", "Constant over all attempts: deduplicate by it."),
                   header("webhook-timestamp", "Unix seconds of this attempt."),
                   header("webhook-signature",
                          "`v1,` and base64 of HMAC-SHA256 over id, timestamp and body, divided "
                          "by dots; several are divided by a space."),
                   header("webhook-event", "Name of the event."), header("webhook-attempt", "From 1.")}},
      {"requestBody", {{"required", true}, {"content", content(schema, schemas)}}},
      {"responses",
       {{"2XX", {{"description", "Received. Answer at once and do the work afterwards."}}},
        {"410", {{"description", "Never again: the endpoint is disabled."}}},
        {"default", {{"description", "Failed: it is sent again by schedule."}}}}}};
  return {{"post", std::move(op)}};
}

}  // namespace

std::string make_openapi(const std::vector<Route>& routes, std::string_view version) {
  json::object parts = components();
  const json::object schemas = parts.at("schemas").as_object();
  json::object document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Exposee"},
        {"version", view(version)},
        {"summary", "Webhooks for user notifications: durable, signed, retried."},
        {"description",
         "Register a URL, let an event occur, and see it delivered. Calls without a prefix are kept "
         "for ever as they are; everything newer stands under /v1."},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"servers", json::array{json::object{{"url", view(kBaseUrlMark)}}}},
      {"paths", paths(routes, schemas)},
      {"webhooks",
       {{"user_registered", webhook("user_registered", "UserRegisteredEvent", schemas)},
        {"user_send_message", webhook("user_send_message", "UserSendMessageEvent", schemas)}}},
      {"components", std::move(parts)}};
  return json::serialize(document);
}

}  // namespace exposee::api

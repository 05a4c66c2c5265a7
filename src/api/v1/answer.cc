#include "api/v1/answer.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/resources.h"
#include "api/v1/setting_json.h"
#include "api/wire/text.h"
#include "core/event_type.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

bool is_of_some(std::string_view pattern, const std::vector<EventType>& types) {
  return std::ranges::any_of(types, [&](const EventType& type) { return matches(pattern, type.name); });
}

}  // namespace

engine::Reply not_found(const ProblemKind& kind, std::string_view what, std::string_view id) {
  return to_reply({&kind, fmt::format("There is no {} '{}'", what, printable_utf8(id))});
}

std::string endpoint_json(const Endpoint& endpoint, bool with_secret) {
  JsonWriter json;
  json.begin_object().member("id", endpoint.id.text()).member("url", endpoint.url);
  write_settings(settings_before_events(), endpoint.settings, json);
  json.key("events").begin_array();
  for (const auto& entry : endpoint.events) json.value(entry.pattern);
  json.end_array();
  write_settings(settings_after_events(), endpoint.settings, json);
  json.text_or_null("disabled_reason", endpoint.disabled_reason).member("disabled_at", endpoint.disabled_at);
  json.member("failing_since", endpoint.failing_since);
  json.member("created_at", endpoint.created_at).member("updated_at", endpoint.updated_at);
  if (with_secret) json.member("secret", endpoint.secret);
  return json.end_object().take();
}

EndpointMoment moment_of(const engine::EngineView& view, EndpointNumber number, Instant now) {
  auto until = view.held_until(number);
  if (until && *until <= now) until.reset();
  return {view.breaker(number), until};
}

std::string_view stored_status(const Endpoint& endpoint) {
  if (!endpoint.disabled_reason.empty()) return "disabled";
  if (endpoint.settings.paused) return "paused";
  return endpoint.failing_since ? "failing" : "active";
}

std::string with_state(std::string endpoint_json, std::string_view stored, const EndpointMoment& moment) {
  const bool takes_deliveries = stored == "active" || stored == "failing";
  JsonWriter json;
  json.begin_object().member("status", takes_deliveries && moment.held_until ? "held" : stored);
  json.member("held_until", moment.held_until).member("breaker", to_text(moment.breaker));
  auto state = json.end_object().take();
  state.front() = ',';
  endpoint_json.pop_back();
  return endpoint_json += state;
}

std::vector<std::string> undeclared_of(const RegistryView& registry,
                                       const std::vector<std::string>& events) {
  std::vector<std::string> undeclared;
  for (const auto& pattern : events) {
    const bool is_name = check_type_name(pattern).has_value();
    const bool known =
        is_name ? registry.type_named(pattern) != nullptr : is_of_some(pattern, registry.types());
    if (!known) undeclared.push_back(pattern);
  }
  return undeclared;
}

std::string with_undeclared(std::string endpoint_json, const std::vector<std::string>& undeclared) {
  JsonWriter names;
  names.begin_array();
  for (const auto& name : undeclared) names.value(name);
  endpoint_json.pop_back();
  return endpoint_json.append(R"(,"undeclared":)").append(names.end_array().take()).append("}");
}

engine::Reply render_removed(const engine::Outcome<std::monostate>& outcome) {
  if (!outcome) return to_reply(problem_of(outcome.error()));
  return {.status = 204};
}

http::Response tagged(engine::Reply&& reply, const std::string& tag, std::string_view location_prefix) {
  auto response = to_response(std::move(reply), location_prefix);
  if (!tag.empty()) response.headers.add("etag: ", tag);
  return response;
}

std::string event_type_json(const EventType& type) {
  JsonWriter json;
  json.begin_object().member("name", type.name).member("description", type.description);
  return json.member("created_at", type.created_at).end_object().take();
}

namespace {

constexpr NamedSchema kSchemas[] = {
    {"Problem", R"({
      "type": "object", "required": ["type", "title", "status", "detail", "code"], "description": "A problem document (RFC 9457).",
      "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "code": {"type": "string", "description": "Stable, for programs."},
        "hint": {"type": "string", "description": "The next step."}, "endpoint_id": {"type": "string"},
        "errors": {"type": "array", "items": {
          "type": "object", "required": ["pointer", "message"],
          "properties": {"pointer": {"type": "string", "description": "/url, or /query/status for a parameter."},
                         "message": {"type": "string"}}}}},
      "examples": [{"type": "urn:exposee:problem:invalid_request", "title": "Invalid request", "status": 422,
                    "detail": "Invalid body", "code": "invalid_request",
                    "errors": [{"pointer": "/events", "message": "is required"}]}]})"},
};

}  // namespace

Resource v1_answers() {
  return {
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

#include "api/v1/endpoint_json.h"

#include <algorithm>

#include "api/v1/setting_json.h"
#include "api/wire/etag.h"
#include "core/event_type.h"

namespace exposee::api {
namespace {

bool is_of_some(std::string_view pattern, const std::vector<EventType>& types) {
  return std::ranges::any_of(types, [&](const EventType& type) { return matches(pattern, type.name); });
}

// The words of the whole product: active, failing, held, paused, disabled.
std::string_view status_of(const Endpoint& endpoint, const EndpointMoment& moment) {
  if (!endpoint.disabled_reason.empty()) return "disabled";
  if (endpoint.settings.paused) return "paused";
  if (moment.held_until) return "held";
  return endpoint.failing_since ? "failing" : "active";
}

void write_stored(const Endpoint& endpoint, JsonWriter& json) {
  json.member("id", endpoint.id.text()).member("url", endpoint.url);
  write_settings(settings_before_events(), endpoint.settings, json);
  json.key("events").begin_array();
  for (const auto& entry : endpoint.events) json.value(entry.pattern);
  json.end_array();
  write_settings(settings_after_events(), endpoint.settings, json);
  json.text_or_null("disabled_reason", endpoint.disabled_reason).member("disabled_at", endpoint.disabled_at);
  json.member("failing_since", endpoint.failing_since);
  json.member("created_at", endpoint.created_at).member("updated_at", endpoint.updated_at);
}

void write_moment(const Endpoint& endpoint, const EndpointMoment& moment, JsonWriter& json) {
  json.member("status", status_of(endpoint, moment));
  json.member("held_until", moment.held_until).member("breaker", to_text(moment.breaker));
  json.member("pending", moment.pending);
}

}  // namespace

EndpointMoment moment_of(const engine::EngineView& view, EndpointNumber number, Instant now) {
  auto until = view.held_until(number);
  if (until && *until <= now) until.reset();
  return {view.breaker(number), until, view.pending(number)};
}

void write_endpoint(const Endpoint& endpoint, const EndpointMoment& moment, JsonWriter& json) {
  json.begin_object();
  write_stored(endpoint, json);
  write_moment(endpoint, moment, json);
  json.end_object();
}

std::string endpoint_json(const Endpoint& endpoint, const EndpointMoment& moment) {
  JsonWriter json;
  write_endpoint(endpoint, moment, json);
  return json.take();
}

std::string changed_endpoint_json(const Endpoint& endpoint, const EndpointMoment& moment,
                                  const ChangeDetails& details) {
  JsonWriter json;
  json.begin_object();
  write_stored(endpoint, json);
  if (details.with_secret) json.member("secret", endpoint.secret);
  write_moment(endpoint, moment, json);
  json.key("undeclared").begin_array();
  for (const auto& name : details.undeclared) json.value(name);
  return json.end_array().end_object().take();
}

std::string tag_of(const Endpoint& endpoint) {
  JsonWriter json;
  json.begin_object();
  write_stored(endpoint, json);
  return etag_of(json.end_object().take());
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

}  // namespace exposee::api

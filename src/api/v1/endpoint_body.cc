#include "api/v1/endpoint_body.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/access/receiver_url.h"
#include "api/resources.h"
#include "core/event_type.h"
#include "core/retry_schedule.h"
#include "core/signature.h"
#include "core/token_bucket.h"

namespace exposee::api {
namespace {

using std::chrono::milliseconds;
constexpr std::size_t kMaxSecretTextBytes = 128;

// A whole, not negative number of milliseconds.
std::optional<milliseconds> duration_from(const JsonElement& element) {
  std::int64_t count = 0;
  if (element.get(count) != simdjson::SUCCESS || count < 0) return std::nullopt;
  if (count > milliseconds(kMaxHorizon).count()) return std::nullopt;
  return milliseconds(count);
}

void read_pattern(V1Body& body, std::size_t index, const JsonElement& element,
                  std::vector<std::string>& patterns) {
  const std::string pointer = fmt::format("/events/{}", index);
  std::string_view pattern;
  if (element.get(pattern) != simdjson::SUCCESS) return body.refuse(pointer, "must be a string");
  if (const auto good = check_pattern(pattern); !good) return body.refuse(pointer, good.error().message);
  if (std::ranges::find(patterns, pattern) != patterns.end()) return body.refuse(pointer, "is listed twice");
  patterns.emplace_back(pattern);
}

std::optional<std::vector<std::string>> read_patterns(V1Body& body) {
  const auto element = body.find("events");
  if (!element) return std::nullopt;
  simdjson::dom::array items;
  if (element->get(items) != simdjson::SUCCESS || items.size() == 0 || items.size() > kMaxPatterns) {
    body.refuse("/events", fmt::format("must be an array of 1 to {} patterns", kMaxPatterns));
    return std::nullopt;
  }
  std::vector<std::string> patterns;
  std::size_t index = 0;
  for (const auto item : items) read_pattern(body, index++, item, patterns);
  return patterns;
}

std::optional<std::optional<milliseconds>> read_timeout(V1Body& body) {
  const auto element = body.find("timeout_ms");
  if (!element) return std::nullopt;
  if (element->is_null()) return std::optional<milliseconds>{};
  const auto timeout = duration_from(*element);
  if (timeout && *timeout >= kMinAttemptTimeout && *timeout <= kMaxAttemptTimeout) return timeout;
  body.refuse("/timeout_ms", fmt::format("must be a whole number from {} to {}", kMinAttemptTimeout.count(),
                                         kMaxAttemptTimeout.count()));
  return std::nullopt;
}

std::optional<std::optional<RetrySchedule>> read_schedule(V1Body& body) {
  const auto element = body.find("schedule_ms");
  if (!element) return std::nullopt;
  if (element->is_null()) return std::optional<RetrySchedule>{};
  simdjson::dom::array items;
  if (element->get(items) != simdjson::SUCCESS) {
    body.refuse("/schedule_ms", "must be an array of waits in milliseconds before attempts 2, 3 and so on");
    return std::nullopt;
  }
  RetrySchedule schedule;
  for (const auto item : items) {
    const auto wait = duration_from(item);
    if (!wait) {
      body.refuse(fmt::format("/schedule_ms/{}", schedule.waits.size()),
                  fmt::format("must be a whole number of milliseconds, at most {}",
                              milliseconds(kMaxHorizon).count()));
    }
    schedule.waits.push_back(wait.value_or(milliseconds(1)));
  }
  if (const auto good = check_schedule(schedule); !good) body.refuse("/schedule_ms", good.error().message);
  return schedule;
}

// 1 to `most`; null is 0, which means the default.
std::optional<std::uint32_t> read_limit(V1Body& body, std::string_view name, std::uint32_t most) {
  const auto element = body.find(name);
  if (!element) return std::nullopt;
  if (element->is_null()) return 0;
  std::int64_t number = 0;
  if (element->get(number) == simdjson::SUCCESS && number >= 1 && number <= most) {
    return static_cast<std::uint32_t>(number);
  }
  body.refuse(pointer_to(name), fmt::format("must be a whole number from 1 to {}, or null", most));
  return std::nullopt;
}

std::optional<bool> read_flag(V1Body& body, std::string_view name) {
  return body.has(name) ? body.flag(name) : std::nullopt;
}

}  // namespace

EndpointSettings read_endpoint_settings(V1Body& body) {
  EndpointSettings settings;
  settings.patterns = read_patterns(body);
  if (body.has("description")) settings.description = body.text("description", kMaxDescriptionBytes);
  settings.timeout = read_timeout(body);
  settings.schedule = read_schedule(body);
  settings.max_in_flight = read_limit(body, "max_in_flight", kMaxInFlight);
  settings.rate_per_second = read_limit(body, "rate_per_second", kMaxRatePerSecond);
  settings.ordered = read_flag(body, "ordered");
  settings.paused = read_flag(body, "paused");
  settings.public_only = read_flag(body, "public_only");
  settings.disabled = read_flag(body, "disabled");
  return settings;
}

std::optional<Url> read_endpoint_url(V1Body& body, const ApiOptions& options) {
  std::string_view text;
  const auto member = body.required("url");
  if (!member) return std::nullopt;
  if (member->value.get(text) != simdjson::SUCCESS) {
    body.refuse("/url", "must be a string");
    return std::nullopt;
  }
  auto url = parse_url(text);
  if (!url) {
    body.refuse("/url", url.error().message);
    return std::nullopt;
  }
  if (const auto why = refuse_receiver(options, *url, std::nullopt)) body.refuse("/url", *why);
  return *std::move(url);
}

void demand_public(V1Body& body, const ApiOptions& options, const std::optional<Url>& url) {
  if (!url || !body.ok()) return;
  if (const auto why = refuse_receiver(options, *url, PrivateRule::endpoint)) body.refuse("/url", *why);
}

std::string read_endpoint_secret(V1Body& body) {
  if (!body.has("secret")) return {};
  const auto text = body.text("secret", kMaxSecretTextBytes);
  if (!text || text->empty()) return {};
  if (const auto key = SigningKey::parse(*text); !key) body.refuse("/secret", key.error().message);
  return std::string(*text);
}

namespace {

constexpr NamedSchema kSchemas[] = {
    {"EndpointRequest", R"({
      "type": "object", "required": ["url", "events"], "additionalProperties": false,
      "description": "Only url and events are required; a member that is left out gets the server's default.",
      "properties": {
        "url": {"type": "string", "format": "uri", "maxLength": 2083, "description": "http or https.",
                "examples": ["http://127.0.0.1:9000/orders"]},
        "events": {"type": "array", "minItems": 1, "maxItems": 100, "uniqueItems": true,
                   "items": {"type": "string", "maxLength": 130, "pattern": "^(\\*|[a-z0-9_-]+(\\.[a-z0-9_-]+)*(\\.\\*)?)$"},
                   "description": "Names of event types, prefixes such as order.*, or * for all.", "examples": [["order.*"]]},
        "description": {"type": "string", "maxLength": 500, "examples": ["shop"]},
        "timeout_ms": {"type": ["integer", "null"], "minimum": 1000, "maximum": 30000,
                       "description": "Time for one attempt in milliseconds. null: the server's default.", "examples": [5000]},
        "schedule_ms": {"type": ["array", "null"], "items": {"type": "integer", "minimum": 1},
                        "description": "Waits in milliseconds before attempts 2, 3, and so on. null: the server's default.",
                        "examples": [[5000, 60000, 600000]]},
        "max_in_flight": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000,
                          "description": "Attempts at the same time. null: the server's default.", "examples": [4]},
        "rate_per_second": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000,
                            "description": "Attempts started per second. null: no limit.", "examples": [50]},
        "ordered": {"type": "boolean", "description": "Send an event only after the one before it is final. Left out: false."},
        "paused": {"type": "boolean", "description": "Keep deliveries waiting until this is false again. Left out: false."},
        "public_only": {"type": "boolean", "description": "Deliver to public addresses only, whatever the settings open. Left out: false."},
        "secret": {"type": "string", "maxLength": 128,
                   "description": "A signing secret to import: whsec_ and base64 of 24 to 64 bytes. Left out or empty: one is generated."}},
      "examples": [{"url": "http://127.0.0.1:9000/orders", "events": ["order.*"], "description": "shop"}]})"},
    {"EndpointChange", R"({
      "type": "object", "additionalProperties": false, "description": "Only the members that are sent change.",
      "properties": {
        "events": {"type": "array", "minItems": 1, "maxItems": 100, "uniqueItems": true,
                   "items": {"type": "string", "maxLength": 130, "pattern": "^(\\*|[a-z0-9_-]+(\\.[a-z0-9_-]+)*(\\.\\*)?)$"},
                   "description": "Names of event types, prefixes such as order.*, or * for all.", "examples": [["order.*"]]},
        "description": {"type": "string", "maxLength": 500, "examples": ["shop"]},
        "timeout_ms": {"type": ["integer", "null"], "minimum": 1000, "maximum": 30000,
                       "description": "Time for one attempt in milliseconds. null: the server's default.", "examples": [5000]},
        "schedule_ms": {"type": ["array", "null"], "items": {"type": "integer", "minimum": 1},
                        "description": "Waits in milliseconds before attempts 2, 3, and so on. null: the server's default.",
                        "examples": [[5000, 60000, 600000]]},
        "max_in_flight": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000,
                          "description": "Attempts at the same time. null: the server's default.", "examples": [4]},
        "rate_per_second": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000,
                            "description": "Attempts started per second. null: no limit.", "examples": [50]},
        "ordered": {"type": "boolean", "description": "Send an event only after the one before it is final."},
        "paused": {"type": "boolean", "description": "Keep deliveries waiting until this is false again."},
        "public_only": {"type": "boolean", "description": "Deliver to public addresses only, whatever the settings open; false ends it."},
        "disabled": {"type": "boolean", "description": "false enables the endpoint again; true disables it by hand."}},
      "examples": [{"description": "shop, paused for the move", "paused": true}]})"},
};

}  // namespace

Resource endpoint_bodies() {
  return {
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

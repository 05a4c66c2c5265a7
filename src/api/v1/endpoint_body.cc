#include "api/v1/endpoint_body.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/access/receiver_url.h"
#include "api/resources.h"
#include "api/v1/setting_json.h"
#include "core/event_type.h"
#include "core/signature.h"

namespace exposee::api {
namespace {

constexpr std::size_t kMaxSecretTextBytes = 128;

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

}  // namespace

EndpointBody read_endpoint_body(V1Body& body) {
  EndpointBody read{.patterns = read_patterns(body), .settings = read_settings(body)};
  if (body.has("disabled")) read.disabled = body.flag("disabled");
  return read;
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

// The schemas below name them.
static_assert(kMaxUrlChars == 2083 && kMaxSecretTextBytes == 128 && kMaxPatterns == 100);
static_assert(kMaxTypeNameBytes + std::string_view(".*").size() == 130);

constexpr char kEvents[] = R"(
        "events": {"type": "array", "minItems": 1, "maxItems": 100, "uniqueItems": true,
                   "items": {"type": "string", "maxLength": 130, "pattern": "^(\\*|[a-z0-9_-]+(\\.[a-z0-9_-]+)*(\\.\\*)?)$"},
                   "description": "Names of event types, prefixes such as order.*, or * for all.", "examples": [["order.*"]]})";

constexpr std::string_view kRequestBegin = R"({
      "type": "object", "required": ["url", "events"], "additionalProperties": false,
      "description": "Only url and events are required; a member that is left out gets the server's default.",
      "properties": {
        "url": {"type": "string", "format": "uri", "maxLength": 2083, "description": "http or https.",
                "examples": ["http://127.0.0.1:9000/orders"]},)";
constexpr std::string_view kRequestEnd = R"(,
        "secret": {"type": "string", "maxLength": 128,
                   "description": "A signing secret to import: whsec_ and base64 of 24 to 64 bytes. Left out or empty: one is generated."}},
      "examples": [{"url": "http://127.0.0.1:9000/orders", "events": ["order.*"], "description": "shop"}]})";

constexpr std::string_view kChangeBegin = R"({
      "type": "object", "additionalProperties": false, "description": "Only the members that are sent change.",
      "properties": {)";
constexpr std::string_view kChangeEnd = R"(,
        "disabled": {"type": "boolean", "description": "false enables the endpoint again; true disables it by hand."}},
      "examples": [{"description": "shop, paused for the move", "paused": true}]})";

std::string schema_of(std::string_view begin, SchemaUse use, std::string_view end) {
  return fmt::format("{}{}, {}{}", begin, kEvents, setting_properties(endpoint_settings(), use), end);
}

// Made once: the part of the settings comes from their table.
std::span<const NamedSchema> schemas() {
  static const std::string request = schema_of(kRequestBegin, SchemaUse::creation, kRequestEnd);
  static const std::string change = schema_of(kChangeBegin, SchemaUse::change, kChangeEnd);
  static const NamedSchema all[] = {{"EndpointRequest", request}, {"EndpointChange", change}};
  return all;
}

}  // namespace

Resource endpoint_bodies() {
  return {
      .schemas = schemas(),
  };
}

}  // namespace exposee::api

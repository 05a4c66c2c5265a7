#include "api/contract/body.h"

#include <fmt/format.h>

#include "api/wire/media_type.h"
#include "core/event_type.h"
#include "core/text/text.h"
#include "json/text.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

constexpr std::string_view kNoObject = "Input should be a valid dictionary or object to extract fields from";
constexpr std::string_view kNoDictionary = "Input should be a valid dictionary";

std::string json_of(std::string_view text) {
  return JsonWriter().value(text).take();
}

// No content type at all, or an empty one, counts as JSON; but not from a page of another origin, which then
// need not have asked before it calls (a preflight): a form, or a Blob without a type.
bool claims_json(const Call& call) {
  const auto type = call.request.header("content-type");
  return !type || type->empty() ? !call.foreign_page : is_json_type(*type);
}

// The body as a value; nothing when it is absent (empty or null), or after noting why there is none.
struct Whole {
  std::optional<JsonElement> element;
  bool absent = false;
};

Whole read_whole(const Call& call, std::string_view type, std::string_view message, Faults& faults) {
  const auto& request = call.request;
  const bool has_type = claims_json(call);
  if (request.body.empty() && (has_type || !call.foreign_page)) return {.absent = true};
  if (!has_type) {
    faults.add_body(type, message, json_of(printable_utf8(request.body)));
    faults.set_hint("Send the body with content-type: application/json.");
    return {};
  }
  const auto read = read_json(without_bom(request.body));
  if (!read) {
    faults.add_broken_json(read.error());
    return {};
  }
  if (read->is_null()) return {.absent = true};
  if (!read->is_object()) {
    faults.add_body(type, message, simdjson::minify(*read));
    return {};
  }
  return {.element = *read};
}

std::string url_message(const UrlError& error) {
  switch (error.fault) {
    case UrlFault::parsing:
      return fmt::format("Input should be a valid URL: {}", error.message);
    case UrlFault::scheme:
      return "URL scheme should be 'http' or 'https'";
    case UrlFault::too_long:
      return fmt::format("URL should have at most {} characters", kMaxUrlChars);
    case UrlFault::rule:
      break;
  }
  return fmt::format("Value error, {}", error.message);
}

}  // namespace

ContractBody::ContractBody(const Call& call) {
  const auto whole = read_whole(call, "model_attributes_type", kNoObject, faults_);
  if (whole.absent) faults_.add_body("missing", "Field required", "null");
  if (whole.element) object_ = whole.element->get_object().value_unsafe();
}

std::optional<JsonElement> ContractBody::member(std::string_view field) {
  if (!object_) return std::nullopt;
  for (const auto member : *object_) {
    if (member.key == field) return member.value;
  }
  faults_.add("missing", "body", field, "Field required", simdjson::minify(*object_));
  return std::nullopt;
}

std::optional<std::string_view> ContractBody::string(std::string_view field, const NotAString& fault) {
  const auto element = member(field);
  if (!element) return std::nullopt;
  std::string_view text;
  if (element->get(text) == simdjson::SUCCESS) return text;
  faults_.add(fault.type, "body", field, fault.message, simdjson::minify(*element));
  return std::nullopt;
}

std::optional<std::string_view> ContractBody::text(std::string_view field) {
  return string(field, {"string_type", "Input should be a valid string"});
}

std::optional<std::string_view> ContractBody::url_text(std::string_view field) {
  return string(field, {"url_type", "URL input should be a string or URL"});
}

std::optional<std::string> ContractBody::event(std::string_view field) {
  const auto given = text(field);
  if (!given) return std::nullopt;
  std::string name = lower_case(*given);
  if (is_identifier(name)) return name;
  refuse(field, "an event's name is an identifier: letters, digits and '_', no digit first");
  if (check_type_name(name)) {
    faults_.set_hint("Event types with dots or hyphens work with POST /v1/endpoints; this call is frozen.");
  }
  return std::nullopt;
}

std::optional<Url> ContractBody::url(std::string_view field) {
  const auto text = url_text(field);
  if (!text) return std::nullopt;
  auto url = parse_url(*text);
  if (url) return *std::move(url);
  faults_.add(to_text(url.error().fault), "body", field, url_message(url.error()), json_of(*text));
  return std::nullopt;
}

std::optional<std::string> ContractBody::listed_url(std::string_view field, const IsListed& is_listed) {
  const auto text = url_text(field);
  if (!text) return std::nullopt;
  if (is_listed(*text)) return std::string(*text);
  auto url = this->url(field);
  return url ? std::optional(std::move(url->text)) : std::nullopt;
}

void ContractBody::refuse(std::string_view field, std::string_view sentence) {
  const auto element = member(field);
  if (!element) return;
  faults_.add("value_error", "body", field, fmt::format("Value error, {}", sentence),
              simdjson::minify(*element));
}

PingPayload read_ping_payload(const Call& call) {
  PingPayload payload;
  const auto whole = read_whole(call, "dict_type", kNoDictionary, payload.faults);
  if (whole.element && whole.element->get_object().value_unsafe().size() != 0) {
    payload.json = trimmed_json(without_bom(call.request.body));
  }
  return payload;
}

}  // namespace exposee::api

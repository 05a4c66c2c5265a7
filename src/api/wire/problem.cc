#include "api/wire/problem.h"

#include <fmt/format.h>

#include <array>
#include <bit>

#include "core/event_type.h"
#include "core/text/fill_in.h"
#include "json/writer.h"

namespace exposee::api {
constinit const ProblemKinds problems{
    .not_found = {"not_found", 404, "Not Found", "/docs lists all calls."},
    .method_not_allowed = {"method_not_allowed", 405, "Method Not Allowed",
                           "The Allow header lists the methods of this path."},
    .invalid_json = {"invalid_json", 400, "Invalid JSON",
                     "Parsing stopped at the character at that offset, counted from 0."},
    .unsupported_media_type = {"unsupported_media_type", 415, "Unsupported content type",
                               "Send it with content-type: application/json."},
    .invalid_request = {"invalid_request", 422, "Invalid request",
                        "Every fault is listed in errors. Correct them and send the request again."},
    .invalid_idempotency_key = {"invalid_idempotency_key", 400, "Invalid Idempotency-Key",
                                "Use a new UUID for each request."},
    .idempotency_key_reused =
        {"idempotency_key_reused", 422, "Idempotency-Key already used",
         "Use a new key for a different request. A repeated request must be identical."},
    .idempotency_key_of_batch = {"idempotency_key_of_batch", 422, "Idempotency-Key not allowed with an array",
                                 "Give each item its own idempotency_key."},
    .event_type_not_found = {"event_type_not_found", 404, "Event type not found",
                             "Declare it with POST /v1/event-types. GET /v1/event-types lists all."},
    .event_type_exists = {"event_type_exists", 409, "The event type exists",
                          "Publish events of this type with POST /v1/events."},
    .event_type_built_in = {"event_type_built_in", 409, "The event type is built in",
                            "Only types declared with POST /v1/event-types can be removed."},
    .endpoint_not_found = {"endpoint_not_found", 404, "Endpoint not found",
                           "GET /v1/endpoints lists all endpoints."},
    .endpoint_exists = {"endpoint_exists", 409, "An endpoint with this URL exists",
                        "Change it with PATCH /v1/endpoints/{endpoint_id}."},
    .endpoint_removed = {"endpoint_removed", 409, "The endpoint was removed",
                         "Its deliveries stay as a record. A new endpoint gets new events only."},
    .endpoint_disabled = {"endpoint_disabled", 409, "The endpoint is disabled",
                          "Enable it with POST /v1/endpoints/{endpoint_id}/enable, then try again."},
    .endpoint_paused =
        {"endpoint_paused", 409, "The endpoint is paused",
         "Resume it with PATCH /v1/endpoints/{endpoint_id} {\"paused\": false}, then try again."},
    .too_many_retries = {"too_many_retries", 409, "Too many retries by hand",
                         "Check the responses to its attempts. POST /v1/events sends the data again."},
    .precondition_failed = {"precondition_failed", 412, "The resource has changed",
                            "Get it again, check what has changed, and send the change with the new ETag."},
    .event_not_found = {"event_not_found", 404, "Event not found",
                        "Events are kept for a limited time (setting retention.events)."},
    .delivery_not_found = {"delivery_not_found", 404, "Delivery not found",
                           "GET /v1/deliveries lists deliveries."},
    .limit_reached = {"limit_reached", 409, "Limit reached",
                      "Remove endpoints that you no longer use. A removed event type still counts, "
                      "but its name can be declared again."},
    .overloaded = {"overloaded", 503, "Server overloaded", "Try again after the seconds in Retry-After."},
    .storage_full = {"storage_full", 507, "Disk full",
                     "Nothing that was acknowledged is lost. The server recovers by itself once the operator "
                     "frees space."},
    .storage_unavailable =
        {"storage_unavailable", 503, "Storage unavailable",
         "Nothing that was acknowledged is lost. Try again after the seconds in Retry-After."},
    .foreign_origin = {"foreign_origin", 403, "Cross-origin request refused",
                       "The calls under /v1 answer a browser only from this server's own pages."},
    .origin_not_allowed = {"origin_not_allowed", 403, "Origin not allowed",
                           "The operator can allow it in cors.allow_origins."},
    .unknown_host = {"unknown_host", 421, "Unknown Host header",
                     "Use the address printed at startup, or set server.public_url to this name, or list it "
                     "in server.allowed_hosts."},
    .refused = {"refused", 400, "Request refused", ""},
    .malformed_request = {"malformed_request", 400, "Malformed request",
                          "Send it with an HTTP library, which follows RFC 9112."},
    .request_timeout = {"request_timeout", 408, "Request timeout",
                        "Send head and body without long pauses, on a new connection."},
    .payload_too_large = {"payload_too_large", 413, "Body too large",
                          "Send less (split an array of events into several calls), or ask the operator to "
                          "raise the setting."},
    .uri_too_long = {"uri_too_long", 414, "Request line too long",
                     "Shorten the query; put data into the body."},
    .unsupported_content_encoding =
        {"unsupported_content_encoding", 415, "Unsupported Content-Encoding",
         "Send the body as gzip (Content-Encoding: gzip), or uncompressed and without Content-Encoding."},
    .headers_too_large = {"headers_too_large", 431, "Header fields too large",
                          "Send fewer or shorter header fields; cookies are often the cause."},
    .method_not_implemented = {"method_not_implemented", 501, "Method not implemented",
                               "/docs lists the methods of every path."},
    .too_many_connections = {"too_many_connections", 503, "Too many connections",
                             "Reuse connections (keep-alive), or close some."},
    .http_version = {"http_version_not_supported", 505, "HTTP version not supported", "Use HTTP/1.1."},
};

namespace {

using engine::Refusal;

const ProblemKind& kind_of(Refusal why) {
  switch (why) {
    case Refusal::unknown_type:
      return problems.event_type_not_found;
    case Refusal::already_registered:
    case Refusal::registered_public_only:
    case Refusal::url_taken:
      return problems.endpoint_exists;
    case Refusal::not_registered:
    case Refusal::unknown_endpoint:
      return problems.endpoint_not_found;
    case Refusal::type_exists:
      return problems.event_type_exists;
    case Refusal::type_built_in:
      return problems.event_type_built_in;
    case Refusal::unknown_delivery:
      return problems.delivery_not_found;
    case Refusal::endpoint_removed:
      return problems.endpoint_removed;
    case Refusal::endpoint_disabled:
      return problems.endpoint_disabled;
    case Refusal::endpoint_paused:
      return problems.endpoint_paused;
    case Refusal::too_many_retries:
      return problems.too_many_retries;
    case Refusal::changed:
      return problems.precondition_failed;
    case Refusal::key_reused:
      return problems.idempotency_key_reused;
    case Refusal::too_many:
      return problems.limit_reached;
    case Refusal::overloaded:
      return problems.overloaded;
    case Refusal::store_full:
      return problems.storage_full;
    case Refusal::store_away:
      return problems.storage_unavailable;
    case Refusal::unmet:
      break;  // of the contract's calls alone, which have their own sentences
  }
  return problems.refused;
}

void write_errors(const std::vector<FieldError>& errors, JsonWriter& json) {
  json.key("errors").begin_array();
  for (const auto& error : errors) {
    json.begin_object().member("pointer", error.pointer).member("message", error.message).end_object();
  }
  json.end_array();
}

}  // namespace

std::span<const ProblemKind> all_problems() {
  constexpr std::size_t kCount = sizeof(ProblemKinds) / sizeof(ProblemKind);
  static const auto all = std::bit_cast<std::array<ProblemKind, kCount>>(problems);
  return all;
}

const ProblemKind& kind_of(http::FaultKind fault) {
  using enum http::FaultKind;
  switch (fault) {
    case none:
    case malformed:
      break;
    case too_slow:
      return problems.request_timeout;
    case body_too_large:
    case expands_too_far:
      return problems.payload_too_large;
    case request_line_too_long:
      return problems.uri_too_long;
    case coding_not_supported:
      return problems.unsupported_content_encoding;
    case fields_too_large:
      return problems.headers_too_large;
    case method_not_implemented:
      return problems.method_not_implemented;
    case version_not_supported:
      return problems.http_version;
    case too_many_connections:
      return problems.too_many_connections;
    case too_many_unfinished:
      return problems.overloaded;
  }
  return problems.malformed_request;
}

std::string hint_of(const Problem& problem) {
  std::string hint = problem.hint.empty() ? std::string(problem.kind->hint) : problem.hint;
  if (!problem.endpoint_id.empty()) fill_in(hint, "{endpoint_id}", problem.endpoint_id);
  return hint;
}

std::string undeclared_hint(std::string_view name) {
  if (const auto good = check_type_name(name); !good) return fmt::format("{}.", good.error().message);
  return fmt::format(
      "Declare it with POST /v1/event-types {{\"name\": \"{}\"}}. GET /v1/event-types lists all.", name);
}

engine::Reply to_reply(const Problem& problem) {
  const auto& kind = *problem.kind;
  JsonWriter json;
  json.begin_object()
      .member("type", fmt::format("urn:exposee:problem:{}", kind.code))
      .member("title", kind.title);
  json.member("status", kind.status).member("detail", problem.detail).member("code", kind.code);
  if (const auto hint = hint_of(problem); !hint.empty()) json.member("hint", hint);
  if (!problem.endpoint_id.empty()) json.member("endpoint_id", problem.endpoint_id);
  if (!problem.errors.empty()) write_errors(problem.errors, json);
  return {.status = kind.status, .body = json.end_object().take(), .problem = true};
}

Problem problem_of(const engine::Refused& refused) {
  const auto& kind = kind_of(refused.why);
  Problem problem{&kind, refused.detail.empty() ? std::string(kind.title) : refused.detail};
  if (refused.why == Refusal::url_taken) {
    problem.detail = fmt::format("Endpoint {} has this URL", refused.detail);
    problem.endpoint_id = refused.detail;
  }
  if (refused.why == Refusal::unknown_type && !refused.detail.empty()) {
    problem.detail = fmt::format("Event type '{}' is not declared", refused.detail);
    problem.hint = undeclared_hint(refused.detail);
  }
  if (refused.why == Refusal::endpoint_disabled && !refused.detail.empty())
    problem.detail = fmt::format("The endpoint is disabled: {}", refused.detail);
  return problem;
}

}  // namespace exposee::api

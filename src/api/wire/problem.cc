#include "api/wire/problem.h"

#include <fmt/format.h>

#include <array>

#include "json/writer.h"

namespace exposee::api {
namespace problems {

const ProblemKind kNotFound{"not_found", 404, "Not Found", "/docs lists all calls."};
const ProblemKind kMethodNotAllowed{"method_not_allowed", 405, "Method Not Allowed",
                                    "The Allow header lists the methods of this path."};
const ProblemKind kInvalidJson{"invalid_json", 400, "Invalid JSON",
                               "Parsing stopped at the character at that offset, counted from 0."};
const ProblemKind kUnsupportedMediaType{"unsupported_media_type", 415, "Unsupported content type",
                                        "Send it with content-type: application/json."};
const ProblemKind kInvalidRequest{
    "invalid_request", 422, "Invalid request",
    "Every fault is listed in errors. Correct them and send the request again."};
const ProblemKind kInvalidIdempotencyKey{"invalid_idempotency_key", 400, "Invalid Idempotency-Key",
                                         "Use a new UUID for each request."};
const ProblemKind kIdempotencyKeyReused{
    "idempotency_key_reused", 422, "Idempotency-Key already used",
    "Use a new key for a different request. A repeated request must be identical."};
const ProblemKind kIdempotencyKeyOfBatch{"idempotency_key_of_batch", 422,
                                         "Idempotency-Key not allowed with an array",
                                         "Give each item its own idempotency_key."};
const ProblemKind kEventTypeNotFound{"event_type_not_found", 404, "Event type not found",
                                     "Declare it with POST /v1/event-types. GET /v1/event-types lists all."};
const ProblemKind kEventTypeExists{"event_type_exists", 409, "The event type exists",
                                   "Publish events of this type with POST /v1/events."};
const ProblemKind kEventTypeBuiltIn{"event_type_built_in", 409, "The event type is built in",
                                    "Only types declared with POST /v1/event-types can be removed."};
const ProblemKind kEndpointNotFound{"endpoint_not_found", 404, "Endpoint not found",
                                    "GET /v1/endpoints lists all endpoints."};
const ProblemKind kEndpointExists{"endpoint_exists", 409, "An endpoint with this URL exists",
                                  "Change it with PATCH /v1/endpoints/{endpoint_id}."};
const ProblemKind kEndpointRemoved{"endpoint_removed", 409, "The endpoint was removed",
                                   "Its deliveries stay as a record. A new endpoint gets new events only."};
const ProblemKind kEndpointDisabled{"endpoint_disabled", 409, "The endpoint is disabled",
                                    "Enable it with PATCH and {\"disabled\": false}, then try again."};
const ProblemKind kEndpointPaused{"endpoint_paused", 409, "The endpoint is paused",
                                  "Resume it with PATCH and {\"paused\": false}, then try again."};
const ProblemKind kTooManyRetries{
    "too_many_retries", 409, "Too many retries by hand",
    "Check the responses to its attempts. POST /v1/events sends the data again."};
const ProblemKind kPreconditionFailed{
    "precondition_failed", 412, "It has changed since",
    "Get it again, check what has changed, and send the change with the new ETag."};
const ProblemKind kEventNotFound{"event_not_found", 404, "Event not found",
                                 "Events are kept for a limited time (setting retention.events)."};
const ProblemKind kDeliveryNotFound{"delivery_not_found", 404, "Delivery not found",
                                    "GET /v1/deliveries lists deliveries."};
const ProblemKind kLimitReached{"limit_reached", 409, "Limit reached",
                                "Remove endpoints that you no longer use. A removed event type still counts, "
                                "but its name can be declared again."};
const ProblemKind kOverloaded{"overloaded", 503, "Server overloaded",
                              "Try again after the seconds in Retry-After."};
const ProblemKind kStorageFull{
    "storage_full", 507, "Disk full",
    "Nothing that was acknowledged is lost. The server recovers by itself once the operator frees space."};
const ProblemKind kStorageUnavailable{
    "storage_unavailable", 503, "Storage unavailable",
    "Nothing that was acknowledged is lost. Try again after the seconds in Retry-After."};
const ProblemKind kForeignOrigin{"foreign_origin", 403, "Cross-origin request refused",
                                 "The calls under /v1 answer a browser only from this server's own pages."};
const ProblemKind kOriginNotAllowed{"origin_not_allowed", 403, "Origin not allowed",
                                    "The operator can allow it in cors.allow_origins."};
const ProblemKind kUnknownHost{
    "unknown_host", 421, "Unknown Host header",
    "Use the address printed at startup, or set server.public_url to this name, or list it "
    "in server.allowed_hosts."};
const ProblemKind kRefused{"refused", 400, "Request refused", ""};
const ProblemKind kMalformedRequest{"malformed_request", 400, "Malformed request",
                                    "Send it with an HTTP library, which follows RFC 9112."};
const ProblemKind kRequestTimeout{"request_timeout", 408, "Request timeout",
                                  "Send head and body without long pauses, on a new connection."};
const ProblemKind kPayloadTooLarge{
    "payload_too_large", 413, "Body too large",
    "Send less (split an array of events into several calls), or ask the operator to raise the setting."};
const ProblemKind kUriTooLong{"uri_too_long", 414, "Request line too long",
                              "Shorten the query; put data into the body."};
const ProblemKind kUnsupportedContentEncoding{
    "unsupported_content_encoding", 415, "Unsupported Content-Encoding",
    "Send the body as gzip (Content-Encoding: gzip), or uncompressed and without Content-Encoding."};
const ProblemKind kHeadersTooLarge{"headers_too_large", 431, "Header fields too large",
                                   "Send fewer or shorter header fields; cookies are often the cause."};
const ProblemKind kMethodNotImplemented{"method_not_implemented", 501, "Method not implemented",
                                        "/docs lists the methods of every path."};
const ProblemKind kTooManyConnections{"too_many_connections", 503, "Too many connections",
                                      "Reuse connections (keep-alive), or close some."};
const ProblemKind kHttpVersion{"http_version_not_supported", 505, "HTTP version not supported",
                               "Use HTTP/1.1."};

}  // namespace problems

namespace {

using engine::Refusal;
using namespace problems;

constexpr std::array kAll = {&kNotFound,
                             &kMethodNotAllowed,
                             &kInvalidJson,
                             &kUnsupportedMediaType,
                             &kInvalidRequest,
                             &kInvalidIdempotencyKey,
                             &kIdempotencyKeyReused,
                             &kIdempotencyKeyOfBatch,
                             &kEventTypeNotFound,
                             &kEventTypeExists,
                             &kEventTypeBuiltIn,
                             &kEndpointNotFound,
                             &kEndpointExists,
                             &kEndpointRemoved,
                             &kEndpointDisabled,
                             &kEndpointPaused,
                             &kTooManyRetries,
                             &kPreconditionFailed,
                             &kEventNotFound,
                             &kDeliveryNotFound,
                             &kLimitReached,
                             &kOverloaded,
                             &kStorageFull,
                             &kStorageUnavailable,
                             &kForeignOrigin,
                             &kOriginNotAllowed,
                             &kUnknownHost,
                             &kRefused,
                             &kMalformedRequest,
                             &kRequestTimeout,
                             &kPayloadTooLarge,
                             &kUriTooLong,
                             &kUnsupportedContentEncoding,
                             &kHeadersTooLarge,
                             &kMethodNotImplemented,
                             &kTooManyConnections,
                             &kHttpVersion};

const ProblemKind& kind_of(Refusal why) {
  switch (why) {
    case Refusal::unknown_type:
      return kEventTypeNotFound;
    case Refusal::already_registered:
    case Refusal::registered_public_only:
    case Refusal::url_taken:
      return kEndpointExists;
    case Refusal::not_registered:
    case Refusal::unknown_endpoint:
      return kEndpointNotFound;
    case Refusal::type_exists:
      return kEventTypeExists;
    case Refusal::type_built_in:
      return kEventTypeBuiltIn;
    case Refusal::unknown_delivery:
      return kDeliveryNotFound;
    case Refusal::endpoint_removed:
      return kEndpointRemoved;
    case Refusal::endpoint_disabled:
      return kEndpointDisabled;
    case Refusal::endpoint_paused:
      return kEndpointPaused;
    case Refusal::too_many_retries:
      return kTooManyRetries;
    case Refusal::changed:
      return kPreconditionFailed;
    case Refusal::key_reused:
      return kIdempotencyKeyReused;
    case Refusal::too_many:
      return kLimitReached;
    case Refusal::overloaded:
      return kOverloaded;
    case Refusal::store_full:
      return kStorageFull;
    case Refusal::store_away:
      return kStorageUnavailable;
    case Refusal::unmet:
      break;  // of the contract's calls alone, which have their own sentences
  }
  return kRefused;
}

void write_errors(const std::vector<FieldError>& errors, JsonWriter& json) {
  json.key("errors").begin_array();
  for (const auto& error : errors) {
    json.begin_object().member("pointer", error.pointer).member("message", error.message).end_object();
  }
  json.end_array();
}

}  // namespace

std::span<const ProblemKind* const> all_problems() {
  return kAll;
}

engine::Reply to_reply(const Problem& problem) {
  const auto& kind = *problem.kind;
  JsonWriter json;
  json.begin_object()
      .member("type", fmt::format("urn:exposee:problem:{}", kind.code))
      .member("title", kind.title);
  json.member("status", kind.status).member("detail", problem.detail).member("code", kind.code);
  if (!kind.hint.empty()) json.member("hint", kind.hint);
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
  if (refused.why == Refusal::unknown_type && !refused.detail.empty())
    problem.detail = fmt::format("Event type '{}' is not declared", refused.detail);
  if (refused.why == Refusal::endpoint_disabled && !refused.detail.empty())
    problem.detail = fmt::format("The endpoint is disabled: {}", refused.detail);
  return problem;
}

}  // namespace exposee::api

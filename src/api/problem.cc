#include "api/problem.h"

#include <fmt/format.h>

#include <array>

#include "api/json_writer.h"

namespace exposee::api {
namespace problems {

const ProblemKind kNotFound{"not_found", 404, "Not Found", "The calls that exist are listed at /docs."};
const ProblemKind kMethodNotAllowed{"method_not_allowed", 405, "Method Not Allowed",
                                    "The header Allow lists the methods that this path has."};
const ProblemKind kInvalidJson{"invalid_json", 400, "The body is no valid JSON",
                               "The character at that offset, counted from 0, is where reading ended."};
const ProblemKind kUnsupportedMediaType{"unsupported_media_type", 415, "The body must be JSON",
                                        "Send it with content-type: application/json."};
const ProblemKind kInvalidRequest{"invalid_request", 422, "The request breaks a rule",
                                  "Every fault is listed in errors; correct them all and send it again."};
const ProblemKind kInvalidIdempotencyKey{"invalid_idempotency_key", 400, "The Idempotency-Key cannot be used",
                                         "A UUID made for this one request is a good key."};
const ProblemKind kIdempotencyKeyReused{
    "idempotency_key_reused", 422, "The Idempotency-Key was used before",
    "Use a new key for a different request; a repetition must be identical."};
const ProblemKind kIdempotencyKeyOfBatch{"idempotency_key_of_batch", 422,
                                         "Several events cannot share an Idempotency-Key",
                                         "Give each item an idempotency_key of its own."};
const ProblemKind kEventTypeNotFound{"event_type_not_found", 404, "No such event type",
                                     "Declare it with POST /v1/event-types; GET /v1/event-types lists them."};
const ProblemKind kEventTypeExists{"event_type_exists", 409, "The event type exists already",
                                   "It can be used as it is: POST /v1/events."};
const ProblemKind kEndpointNotFound{"endpoint_not_found", 404, "No such endpoint",
                                    "GET /v1/endpoints lists them."};
const ProblemKind kEndpointExists{"endpoint_exists", 409, "An endpoint of that URL exists already",
                                  "Change it with PATCH /v1/endpoints/{endpoint_id}."};
const ProblemKind kEndpointInactive{"endpoint_inactive", 409, "The endpoint takes no deliveries",
                                    "A disabled endpoint is enabled by PATCH with {\"disabled\": false}."};
const ProblemKind kPreconditionFailed{
    "precondition_failed", 412, "The endpoint is not the one that If-Match names",
    "Get it again, see what has changed, and send the change with the new ETag."};
const ProblemKind kEventNotFound{"event_not_found", 404, "No such event",
                                 "Events are kept for a limited time (retention)."};
const ProblemKind kDeliveryNotFound{"delivery_not_found", 404, "No such delivery",
                                    "GET /v1/deliveries lists them."};
const ProblemKind kLimitReached{"limit_reached", 409, "A limit of this server is reached",
                                "Remove what is no longer used."};
const ProblemKind kOverloaded{"overloaded", 503, "Too much to do at the moment",
                              "Try again after Retry-After."};
const ProblemKind kStorageFull{"storage_full", 507, "No space is left on the server's disk",
                               "Nothing was lost; it works again once the operator made room."};
const ProblemKind kStorageUnavailable{"storage_unavailable", 503, "The store cannot be reached",
                                      "Nothing was lost; try again after Retry-After."};
const ProblemKind kForeignOrigin{"foreign_origin", 403, "Not for pages of other origins",
                                 "The calls under /v1 answer a browser only from this server's own pages."};
const ProblemKind kUnknownHost{"unknown_host", 421, "Not a name of this server",
                               "Call it by the address that it prints at its start."};
const ProblemKind kRefused{"refused", 400, "The request was refused", ""};
const ProblemKind kMalformedRequest{"malformed_request", 400, "The request is no proper HTTP/1.1",
                                    "Send it with an HTTP library, which writes it as RFC 9112 asks."};
const ProblemKind kRequestTimeout{"request_timeout", 408, "The request did not come in time",
                                  "Send head and body without long pauses, on a new connection."};
const ProblemKind kPayloadTooLarge{
    "payload_too_large", 413, "The body is too large",
    "Send less (an array of events: in several calls), or let the operator raise the setting."};
const ProblemKind kUriTooLong{"uri_too_long", 414, "The request line is too long",
                              "Shorten the query: filters belong there, data into the body."};
const ProblemKind kHeadersTooLarge{"headers_too_large", 431, "The header fields are too large",
                                   "Send fewer or shorter ones; often cookies have piled up."};
const ProblemKind kMethodNotImplemented{"method_not_implemented", 501, "No such method is known",
                                        "The methods that exist are listed at /docs."};
const ProblemKind kTooManyConnections{"too_many_connections", 503, "Too many connections are open",
                                      "Keep connections alive and use them again, or close some."};
const ProblemKind kHttpVersion{"http_version_not_supported", 505, "Another version than HTTP/1.1 or 1.0",
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
                             &kEndpointNotFound,
                             &kEndpointExists,
                             &kEndpointInactive,
                             &kPreconditionFailed,
                             &kEventNotFound,
                             &kDeliveryNotFound,
                             &kLimitReached,
                             &kOverloaded,
                             &kStorageFull,
                             &kStorageUnavailable,
                             &kForeignOrigin,
                             &kUnknownHost,
                             &kRefused,
                             &kMalformedRequest,
                             &kRequestTimeout,
                             &kPayloadTooLarge,
                             &kUriTooLong,
                             &kHeadersTooLarge,
                             &kMethodNotImplemented,
                             &kTooManyConnections,
                             &kHttpVersion};

const ProblemKind& kind_of(Refusal why) {
  switch (why) {
    case Refusal::unknown_type:
      return kEventTypeNotFound;
    case Refusal::already_registered:
    case Refusal::url_taken:
      return kEndpointExists;
    case Refusal::not_registered:
    case Refusal::unknown_endpoint:
      return kEndpointNotFound;
    case Refusal::type_exists:
      return kEventTypeExists;
    case Refusal::unknown_delivery:
      return kDeliveryNotFound;
    case Refusal::endpoint_inactive:
      return kEndpointInactive;
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
    case Refusal::username_taken:
    case Refusal::unknown_sender:
    case Refusal::unknown_recipient:
    case Refusal::same_user:
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
  return {
      .status = kind.status, .content_type = "application/problem+json", .body = json.end_object().take()};
}

Problem problem_of(const engine::Refused& refused) {
  const auto& kind = kind_of(refused.why);
  Problem problem{&kind, refused.detail.empty() ? std::string(kind.title) : refused.detail};
  if (refused.why == Refusal::url_taken) {
    problem.detail = fmt::format("Endpoint {} has that URL", refused.detail);
    problem.endpoint_id = refused.detail;
  }
  return problem;
}

}  // namespace exposee::api

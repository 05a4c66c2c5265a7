// How /v1 says no: RFC 9457 application/problem+json with `code`, `hint` and, for input that breaks rules,
// `errors: [{pointer, message}]`. One table holds every kind. Values only; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/commands.h"

namespace exposee::api {

struct ProblemKind {
  std::string_view code;
  int status;
  std::string_view title;
  std::string_view hint;  // the next step; may be empty
};

namespace problems {
extern const ProblemKind kNotFound, kMethodNotAllowed, kInvalidJson, kUnsupportedMediaType, kInvalidRequest,
    kInvalidIdempotencyKey, kIdempotencyKeyReused, kIdempotencyKeyOfBatch, kEventTypeNotFound,
    kEventTypeExists, kEventTypeBuiltIn, kEndpointNotFound, kEndpointExists, kEndpointRemoved,
    kEndpointDisabled, kEndpointPaused, kTooManyRetries, kPreconditionFailed, kEventNotFound,
    kDeliveryNotFound, kLimitReached, kOverloaded, kStorageFull, kStorageUnavailable, kForeignOrigin,
    kOriginNotAllowed, kUnknownHost, kRefused, kMalformedRequest, kRequestTimeout, kPayloadTooLarge,
    kUriTooLong, kUnsupportedContentEncoding, kHeadersTooLarge, kMethodNotImplemented, kTooManyConnections,
    kHttpVersion;
}  // namespace problems
std::span<const ProblemKind* const> all_problems();

// `pointer`: RFC 6901 into the body ("/url"), or "/query/status" for a parameter of the query.
struct FieldError {
  std::string pointer, message;
};

struct Problem {
  const ProblemKind* kind = nullptr;
  std::string detail;  // what exactly happened here
  std::vector<FieldError> errors;
  std::string endpoint_id;  // of the one in the way (kEndpointExists)
};

engine::Reply to_reply(const Problem& problem);

Problem problem_of(const engine::Refused& refused);

}  // namespace exposee::api

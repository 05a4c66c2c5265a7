// How /v1 says no: RFC 9457 application/problem+json with `code`, `hint` and, for input that breaks rules,
// `errors: [{pointer, message}]`. One table holds every kind. Values only; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/commands.h"
#include "http/fault.h"

namespace exposee::api {

struct ProblemKind {
  std::string_view code;
  int status;
  std::string_view title;
  std::string_view hint;  // the next step; may be empty
};

// One member a kind and nothing else: all_problems() takes them from here.
struct ProblemKinds {
  ProblemKind not_found, method_not_allowed, invalid_json, unsupported_media_type, invalid_request,
      invalid_idempotency_key, idempotency_key_reused, idempotency_key_of_batch, event_type_not_found,
      event_type_exists, event_type_built_in, endpoint_not_found, endpoint_exists, endpoint_removed,
      endpoint_disabled, endpoint_paused, too_many_retries, precondition_failed, event_not_found,
      delivery_not_found, limit_reached, overloaded, storage_full, storage_unavailable, foreign_origin,
      origin_not_allowed, unknown_host, refused, malformed_request, request_timeout, payload_too_large,
      uri_too_long, unsupported_content_encoding, headers_too_large, method_not_implemented,
      too_many_connections, http_version;
};
extern const ProblemKinds problems;
std::span<const ProblemKind> all_problems();

// Of what the codec and the server refuse.
const ProblemKind& kind_of(http::FaultKind fault);

// `pointer`: RFC 6901 into the body ("/url"), or "/query/status" for a parameter of the query.
struct FieldError {
  std::string pointer, message;
};

struct Problem {
  const ProblemKind* kind = nullptr;
  std::string detail;  // what exactly happened here
  std::vector<FieldError> errors;
  std::string endpoint_id;  // of the one in the way
  std::string hint = {};    // instead of the kind's
};
std::string hint_of(const Problem& problem);

// What to do about a type that is not declared: how that is done, with its name, or why it cannot be.
std::string undeclared_hint(std::string_view name);

engine::Reply to_reply(const Problem& problem);

Problem problem_of(const engine::Refused& refused);

}  // namespace exposee::api

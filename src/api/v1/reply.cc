#include "api/v1/reply.h"

#include <fmt/format.h>

#include "api/resources.h"
#include "json/text.h"

namespace exposee::api {

Problem not_found_problem(const ProblemKind& kind, std::string_view what, std::string_view id) {
  return {&kind, fmt::format("The {} '{}' does not exist", what, printable_utf8(id))};
}

engine::Reply not_found(const ProblemKind& kind, std::string_view what, std::string_view id) {
  return to_reply(not_found_problem(kind, what, id));
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

Resource problem_bodies() {
  return {
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

#include "api/answerer.h"

#include <algorithm>

namespace exposee::api {
namespace {

constexpr std::string_view kRetryAfterSeconds =
    "1";  // what refuses with 503 recovers by itself, usually at once

bool has_header(const http::Response& response, std::string_view lower_name) {
  return std::ranges::any_of(response.headers, [&](const auto& h) { return h.first == lower_name; });
}

// Bodies of /v1 resources begin with {"id":"...".
std::string_view leading_id(std::string_view body) {
  constexpr std::string_view kBegin = R"({"id":")";
  if (!body.starts_with(kBegin)) return {};
  body.remove_prefix(kBegin.size());
  return body.substr(0, body.find('"'));
}

}  // namespace

void Answerer::operator()(http::Response response) const {
  auto& headers = response.headers;
  if (response.status == 503 && !has_header(response, "retry-after")) {
    headers.emplace_back("retry-after", kRetryAfterSeconds);
  }
  if (!response.body.empty()) headers.emplace_back("x-content-type-options", "nosniff");
  if (!allow_origin_.empty()) {
    headers.emplace_back("access-control-allow-origin", allow_origin_);
    if (allow_origin_ != "*") headers.emplace_back("vary", "origin");
    if (has_header(response, "retry-after") || has_header(response, "idempotency-replayed")) {
      headers.emplace_back("access-control-expose-headers", "retry-after, idempotency-replayed");
    }
  }
  respond_(std::move(response));
}

void Answerer::operator()(engine::Reply reply) const {
  (*this)(to_response(std::move(reply)));
}

engine::Reply json_reply(int status, std::string body) {
  engine::Reply reply{.status = status, .body = std::move(body)};
  if (!reply.body.empty()) reply.content_type = "application/json";
  return reply;
}

http::Response to_response(engine::Reply&& reply, std::string_view location_prefix) {
  http::Response response{.status = reply.status, .body = std::move(reply.body)};
  response.headers.reserve(4);  // content-type and what an Answerer adds
  if (!reply.content_type.empty())
    response.headers.emplace_back("content-type", std::move(reply.content_type));
  if (reply.replayed) response.headers.emplace_back("idempotency-replayed", "true");
  const bool created = reply.status == 201 || reply.status == 202;
  if (created && !location_prefix.empty()) {
    if (const auto id = leading_id(response.body); !id.empty()) {
      response.headers.emplace_back("location", std::string(location_prefix).append(id));
    }
  }
  return response;
}

}  // namespace exposee::api

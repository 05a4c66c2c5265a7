#include "api/wire/answerer.h"

#include "api/wire/recorded_stream.h"

namespace exposee::api {
namespace {

constexpr http::AnswerField kJson{"content-type: application/json"};
constexpr http::AnswerField kProblem{"content-type: application/problem+json"};

// Bodies of /v1 resources begin with {"id":"...".
std::string_view leading_id(std::string_view body) {
  constexpr std::string_view kBegin = R"({"id":")";
  if (!body.starts_with(kBegin)) return {};
  body.remove_prefix(kBegin.size());
  return body.substr(0, body.find('"'));
}

constexpr std::size_t kMaxRequestIdBytes = 128;  // longer ones name nothing

}  // namespace

void Cors::add_to(http::Response& response) const {
  auto& headers = response.headers;
  if (varies) headers.add("vary: origin");
  if (allow_origin.empty()) return;
  headers.add("access-control-allow-origin: ", allow_origin);
  if (headers.has("retry-after") || headers.has("idempotency-replayed")) {
    headers.add("access-control-expose-headers: retry-after, idempotency-replayed");
  }
}

Requester requester_of(const http::Request& request) {
  const auto id = request.header("x-request-id").value_or(std::string_view{});
  return {request.peer, std::string(id.size() <= kMaxRequestIdBytes ? id : std::string_view{})};
}

CallRecord::CallRecord(const http::Request& request, const ApiOptions& options, const Clock& clock)
    : method_(request.method_text),
      path_(request.path()),
      by_(requester_of(request)),
      options_(options),
      clock_(clock),
      began_(clock.monotonic()) {}

void CallRecord::answered(int status, std::size_t bytes, bool whole) const {
  options_.call_finished(
      {method_, path_, status, bytes, clock_.monotonic() - began_, by_.peer, by_.request_id, whole});
}

void Answerer::operator()(http::Response response) const {
  auto& headers = response.headers;
  if (response.status == 503 && !headers.has("retry-after")) {
    headers.add(kRetrySoon);
  }
  if (!response.body.empty()) headers.add("x-content-type-options: nosniff");
  cors_.add_to(response);
  if (record_) record_->answered(response.status, response.body.size());
  respond_(std::move(response));
}

std::shared_ptr<AnswerStream> Answerer::stream(http::Response head, StreamKind kind,
                                               StreamEvents events) const {
  head.headers.add("x-content-type-options: ", "nosniff");
  cors_.add_to(head);
  if (!record_) return respond_.stream(std::move(head), kind, std::move(events));
  return recorded_stream(respond_, std::move(head), kind, std::move(events), record_);
}

void Answerer::operator()(engine::Reply reply) const {
  (*this)(to_response(std::move(reply)));
}

engine::Reply json_reply(int status, std::string body) {
  return {.status = status, .body = std::move(body)};
}

http::Response to_response(engine::Reply&& reply, std::string_view location_prefix) {
  http::Response response{.status = reply.status, .body = std::move(reply.body)};
  if (!response.body.empty()) response.headers.add(reply.problem ? kProblem : kJson);
  if (reply.replayed) response.headers.add("idempotency-replayed: true");
  const bool created = reply.status == 201 || reply.status == 202;
  if (created && !location_prefix.empty()) {
    if (const auto id = leading_id(response.body); !id.empty()) {
      response.headers.add("location: ", location_prefix, id);
    }
  }
  return response;
}

}  // namespace exposee::api

#include "api/wire/replier.h"

#include "json/read.h"

namespace exposee::api {
namespace {

constexpr http::ResponseField kJson{"content-type: application/json"};
constexpr http::ResponseField kProblem{"content-type: application/problem+json"};

using Headers = http::FieldLines;

// Of a stored reply, what it made is known by its body alone.
void add_stored_location(std::string_view prefix, std::string_view body, Headers& headers) {
  const auto json = read_json(body);
  std::string_view id;
  if (json && (*json)["id"].get(id) == simdjson::SUCCESS) headers.add("location: ", prefix, id);
}

void add_location(std::string_view prefix, const engine::Made& made, Headers& headers) {
  if (const auto* event = std::get_if<EventId>(&made)) headers.add("location: ", prefix, event->chars());
  if (const auto* endpoint = std::get_if<EndpointId>(&made))
    headers.add("location: ", prefix, endpoint->chars());
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

CallFamily call_family(std::string_view path) {
  const auto is = [path](std::string_view name) { return path == name; };
  if (path.starts_with("/v1")) return CallFamily::v1;
  if (is("/livez") || is("/readyz") || is("/metrics")) return CallFamily::operation;
  if (is("/") || path.starts_with("/docs") || is("/openapi.json") || is("/postman.json")) {
    return CallFamily::documents;
  }
  return CallFamily::contract;
}

CallRecord::CallRecord(const CallWatch& watch, const http::Request& request)
    : watch_(&watch), family_(call_family(request.path())), began_(watch.clock.monotonic()) {
  if (!watch.observer.wants_details()) return;
  details_ = std::make_shared<const CallDetails>(std::string(request.method_text), std::string(request.path()),
                                                 requester_of(request));
}

void CallRecord::answered(int status, std::size_t bytes) const {
  tell({.status = status, .bytes = bytes});
}

void CallRecord::streamed(int status, const StreamSent& sent) const {
  tell({.status = status, .bytes = sent.bytes, .whole = sent.whole, .streamed = true});
}

void CallRecord::tell(CallNote&& note) const {
  if (!watch_) return;
  note.family = family_;
  note.took = watch_->clock.monotonic() - began_;
  note.details = details_.get();
  watch_->observer.call_answered(note);
}

void Replier::operator()(http::Response response) const {
  complete(response);
  respond_(std::move(response));
}

void Replier::with(std::function<http::Response()> make) const {
  respond_.with([self = *this, make = std::move(make)] {
    auto response = make();
    self.complete(response);
    return response;
  });
}

void Replier::complete(http::Response& response) const {
  auto& headers = response.headers;
  if (response.status == 503 && !headers.has("retry-after")) {
    headers.add(kRetrySoon);
  }
  if (!response.body.empty()) headers.add("x-content-type-options: nosniff");
  cors_.add_to(response);
  record_.answered(response.status, response.body.size());
}

std::shared_ptr<ReplyStream> Replier::stream(http::Response head, StreamKind kind,
                                               StreamEvents events) const {
  head.headers.add("x-content-type-options: ", "nosniff");
  cors_.add_to(head);
  events.sent = [record = record_, status = head.status, kind](StreamSent sent) {
    sent.whole = sent.whole || kind == StreamKind::live;  // which has no end that could be missing
    record.streamed(status, sent);
  };
  return respond_.stream(std::move(head), kind, std::move(events));
}

void Replier::operator()(engine::Reply reply) const {
  (*this)(to_response(std::move(reply)));
}

engine::Reply json_reply(int status, std::string body) {
  return {.status = status, .body = std::move(body)};
}

http::Response to_response(engine::Reply&& reply, std::string_view location_prefix) {
  http::Response response{.status = reply.status, .body = std::move(reply.body)};
  if (!response.body.empty()) response.headers.add(reply.problem ? kProblem : kJson);
  if (reply.replayed) response.headers.add("idempotency-replayed: true");
  if (location_prefix.empty()) return response;
  const bool made_before = reply.replayed && (reply.status == 201 || reply.status == 202);
  if (made_before) add_stored_location(location_prefix, response.body, response.headers);
  add_location(location_prefix, reply.made, response.headers);
  return response;
}

}  // namespace exposee::api

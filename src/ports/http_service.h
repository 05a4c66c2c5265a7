// The door between the HTTP server (net/) and what calls mean (api/).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "http/fault.h"
#include "http/message.h"
#include "ports/reply_stream.h"

namespace exposee {

// Takes replies back to the connection that waits for them. Implemented by net/server; outlives every
// Responder and every stream. Any thread; a connection that is gone meanwhile is ignored, and a stream to it
// has ended.
class ResponseSink {
 public:
  virtual ~ResponseSink() = default;
  virtual void respond(std::uint64_t connection, http::Response&& response) = 0;
  // Instead: the server's thread makes the reply, right before it writes it. For a caller that has the values
  // and something better to do than to render them.
  virtual void respond_with(std::uint64_t connection, std::function<http::Response()>&& make) = 0;
  // The body of `head` stays empty: it comes through the stream.
  virtual std::shared_ptr<ReplyStream> stream(std::uint64_t connection, http::Response&& head,
                                               StreamKind kind, StreamEvents&& events) = 0;
};

// The right and duty to answer one request exactly once. Cheap to copy and move; any thread.
class Responder {
 public:
  Responder() = default;
  Responder(ResponseSink* sink, std::uint64_t connection) : sink_(sink), connection_(connection) {}
  void operator()(http::Response&& response) const { sink_->respond(connection_, std::move(response)); }
  void with(std::function<http::Response()>&& make) const {
    sink_->respond_with(connection_, std::move(make));
  }
  // Instead: the reply's status (one that has a body) and fields now, its body as it comes.
  std::shared_ptr<ReplyStream> stream(http::Response&& head, StreamKind kind, StreamEvents&& events) const {
    return sink_->stream(connection_, std::move(head), kind, std::move(events));
  }

 private:
  ResponseSink* sink_ = nullptr;
  std::uint64_t connection_ = 0;
};

// What the server calls in the API. Called on a server thread and never blocks it.
class HttpService {
 public:
  virtual ~HttpService() = default;
  // How many bytes of body this request may have, decided when its head is read and before its body is.
  // A larger one is refused by the server (through error()) and never reaches handle().
  virtual std::size_t body_limit(http::Method method, std::string_view target) const = 0;
  virtual void handle(http::Request&& request, Responder respond) = 0;
  // The reply to bytes that never became a request. `begun`: as far as it was understood; its target is empty
  // when not even that was.
  virtual http::Response error(const http::Fault& fault, const http::Request& begun) const = 0;
};

}  // namespace exposee

// The right and duty to answer one request, with what every reply of the API carries besides its own
// headers: CORS for the contract's calls, `nosniff`, Retry-After on 503. Cheap to copy; any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/commands.h"
#include "http/message.h"
#include "ports/call_observer.h"
#include "ports/clock.h"
#include "ports/http_service.h"

namespace exposee::api {

// What refuses with 503 recovers by itself, usually at once.
constexpr http::ResponseField kRetrySoon{"retry-after: 1"};

// What a reply says to browsers about origins (the Fetch standard, section 3.3).
struct Cors {
  std::string allow_origin;  // value of Access-Control-Allow-Origin; empty: no CORS headers
  bool varies = false;       // another Origin would have been answered otherwise

  void add_to(http::Response& response) const;
};

// The observer of calls, notified once a reply has left.
struct CallWatch {
  CallObserver& observer;
  const Clock& clock;
};

// What will be reported of one call.
class CallRecord {
 public:
  CallRecord() = default;                                            // for no observer
  CallRecord(const CallWatch& watch, const http::Request& request);  // `watch` outlives it
  void answered(int status, std::size_t bytes) const;
  void streamed(int status, const StreamSent& sent) const;  // once no more of it leaves

 private:
  void tell(CallNote&& note) const;

  const CallWatch* watch_ = nullptr;
  CallFamily family_ = CallFamily::contract;
  Duration began_{};
  std::shared_ptr<const CallDetails> details_;  // null: details not requested
};

class Replier {
 public:
  Replier() = default;
  Replier(Responder respond, Cors cors, CallRecord record)
      : respond_(respond), cors_(std::move(cors)), record_(std::move(record)) {}

  // Exactly once, one of these.
  void operator()(http::Response response) const;
  void operator()(engine::Reply reply) const;
  // The server's thread makes it. For the engine's replies: its thread hands out values and renders as little
  // as it can.
  void with(std::function<http::Response()> make) const;
  std::shared_ptr<ReplyStream> stream(http::Response head, StreamKind kind, StreamEvents events) const;

 private:
  void complete(http::Response& response) const;

  Responder respond_;
  Cors cors_;
  CallRecord record_;
};

// The path of a call, as observers count it; escapes in it are not looked at.
CallFamily call_family(std::string_view path);

// Who sent this, for those who watch.
Requester requester_of(const http::Request& request);

// Content type application/json, unless `body` is empty.
engine::Reply json_reply(int status, std::string body);

// A reply as it is sent. What it made gets a Location. `location_prefix`: "endpoints/", relative to the
// call's path, which a proxy may serve below another one; empty: none.
http::Response to_response(engine::Reply&& reply, std::string_view location_prefix = {});

// A command's way back: `render` makes the reply on the engine's thread and must be pure.
template <class T, class Render>
engine::ReplyTo<T> reply_to(const Replier& answer, Render render, std::string_view location_prefix = {}) {
  return {std::move(render), [answer, location_prefix](engine::Reply&& reply) {
            answer(to_response(std::move(reply), location_prefix));
          }};
}

}  // namespace exposee::api

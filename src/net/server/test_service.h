// A service for tests of net/server: answers at once with what it was asked, or holds requests until the test
// answers them. Its replies name method, target and body.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "net/loop/test_socket.h"
#include "ports/http_service.h"

namespace exposee::net {

constexpr std::size_t kTestBodyLimit = 100 * 1024;
constexpr std::size_t kTestSmallLimit = 100;  // of targets that begin with /small

class TestService final : public HttpService {
 public:
  struct Held {
    http::Request request;
    Responder respond;
  };

  std::size_t body_limit(http::Method, std::string_view target) const override {
    return target.starts_with("/small") ? kTestSmallLimit : kTestBodyLimit;
  }

  void handle(http::Request&& request, Responder respond) override {
    if (request.target.starts_with("/held")) {
      std::lock_guard lock(mutex_);
      held_.push_back({std::move(request), respond});
      came_.notify_all();
    } else {
      respond(reply_to(request));
    }
  }

  http::Response error(const http::Fault& fault, const http::Request&) const override {
    http::Response response{.status = status_of(fault.kind), .body = std::string(fault.sentence)};
    response.headers.add("content-type: ", "text/plain");
    return response;
  }

  static http::Response reply_to(const http::Request& request) {
    http::Response response;
    if (request.target.starts_with("/big"))
      response.body = std::string(kBigReply, 'b');
    else if (request.target.starts_with("/file"))
      response.body = http::Body::of_program(file());
    else
      response.body = request.method_text + " " + request.target + " " + request.body;
    return response;
  }
  static constexpr std::size_t kBigReply = 32 * 1024 * 1024;  // more than the buffers of two sockets hold

  // As large, but bytes of the program.
  static std::string_view file() {
    static const std::string bytes(kBigReply, 'f');
    return bytes;
  }

  // The next held request.
  Held take_held() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(came_.wait_for(lock, kPatience, [this] { return !held_.empty(); }));
    auto held = std::move(held_.front());
    held_.pop_front();
    return held;
  }
  std::size_t count_held() {
    std::lock_guard lock(mutex_);
    return held_.size();
  }

  // A status for each kind, so that a test can tell them apart by what the client reads.
  static int status_of(http::FaultKind kind) {
    switch (kind) {
      case http::FaultKind::too_slow:
        return 408;
      case http::FaultKind::body_too_large:
      case http::FaultKind::expands_too_far:
        return 413;
      case http::FaultKind::request_line_too_long:
        return 414;
      case http::FaultKind::coding_not_supported:
        return 415;
      case http::FaultKind::fields_too_large:
        return 431;
      case http::FaultKind::method_not_implemented:
        return 501;
      case http::FaultKind::version_not_supported:
        return 505;
      case http::FaultKind::too_many_connections:
      case http::FaultKind::too_many_unfinished:
        return 503;
      default:
        return 400;
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<Held> held_;
};

}  // namespace exposee::net

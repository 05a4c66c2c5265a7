// One GET over plain HTTP, blocking: what commands of the CLI ask a running server. No redirects, no TLS, no
// proxies. The calling thread waits, at most until the deadline (looking up a name comes on top; the system
// limits that).
#pragma once

#include <chrono>
#include <expected>
#include <string>

#include "core/url/url.h"
#include "ports/clock.h"

namespace exposee::app {

struct HttpAnswer {
  int status = 0;
  std::string body;  // its first 16 KiB
};

enum class HttpFailure : std::uint8_t {
  unreachable,  // the name does not resolve, nobody listens, or the connection broke
  timed_out,    // connected, and no whole answer in time
  bad_answer,   // what came back is not HTTP
};

struct HttpError {
  HttpFailure failure = HttpFailure::unreachable;
  std::string message;  // "Connection refused"
};

// `url` must be http.
std::expected<HttpAnswer, HttpError> http_get(const Url& url, std::chrono::milliseconds timeout,
                                              const Clock& clock);

}  // namespace exposee::app

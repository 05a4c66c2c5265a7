// One HTTP call, blocking: http or https, one deadline for all of it (the name's look-up included), a bound on
// what is read. No redirects, no cookies, no .netrc. Proxies are those of the environment, as curl has them,
// but never for this machine itself. The calling thread waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>

#include "core/url/url.h"

namespace exposee::cli {

struct HttpCall {
  std::string method = "GET";
  Url url;
  std::string body = {};          // JSON; empty: none is sent
  std::string idempotency_key = {};  // empty: none is sent
  std::string ca_file = {};       // PEM; empty: the system's certificates
  std::chrono::milliseconds timeout{5'000};
  std::size_t max_reply_bytes = 16 * 1024;
};

struct HttpReply {
  int status = 0;
  std::string body;
};

enum class HttpFailure : std::uint8_t {
  unreachable,  // the name does not resolve, nothing listens, or the certificate is not trusted
  broke_off,    // connected, and the connection ended before the reply was whole: what was done is not known
  timed_out,    // connected, and no whole reply in time
  bad_reply,   // what came back is not HTTP, or longer than max_reply_bytes
  bad_ca_file,  // it cannot be read, or holds no certificate
  no_library,   // libcurl is not there
};

struct HttpError {
  HttpFailure failure = HttpFailure::unreachable;
  std::string message;  // "Connection refused"
};

std::expected<HttpReply, HttpError> http_call(const HttpCall& call);

// Whether the host is this machine itself, so that no proxy may stand between: 127.0.0.0/8, ::1, localhost and
// names below it (RFC 6761 section 6.3). Pure.
bool is_loopback(const Url& url);

}  // namespace exposee::cli

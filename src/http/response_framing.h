// Where the body of a receiver's response ends (RFC 9112 section 6.3), read as widely as curl and browsers
// do. What two readers could see differently is not certain: it costs the connection, which is closed after
// the response, and never the status. Requests are judged by framing_fault() (head_facts.h) alone. Pure; any
// thread.
#pragma once

#include <cstdint>

#include "http/head_facts.h"

namespace exposee::http {

enum class BodyEnd : std::uint8_t { counted, chunked, connection };

struct ResponseFraming {
  BodyEnd end = BodyEnd::connection;
  std::uint64_t length = 0;  // bytes, of a counted body
  bool certain = true;
};

// Of a response that may have a body. `minor_version` of HTTP/1.x.
ResponseFraming response_framing(const HeadFacts& facts, const Fields& fields, int minor_version);

}  // namespace exposee::http

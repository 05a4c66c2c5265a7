// What of a head decides about framing and connection, gathered in one pass over its fields. The rules are
// ours and stricter than llhttp's: promises section 5, "Content-Length with Transfer-Encoding, two lengths,
// unknown coding". Pure; any thread.
#pragma once

#include <string_view>

#include "http/fault.h"
#include "http/message.h"

namespace exposee::http {

// Views point into the fields.
struct HeadFacts {
  unsigned lengths = 0;              // Content-Length fields
  unsigned codings = 0;              // Transfer-Encoding fields
  unsigned hosts = 0;                // Host fields
  std::string_view coding;           // value of the last one
  std::string_view host;             // value of the last one
  std::string_view length;           // value of the last one
  std::string_view keep_alive_hint;  // value of the last Keep-Alive field
  bool close = false;                // Connection: close
  bool keep_alive = false;           // Connection: keep-alive
  bool expect_continue = false;
};
HeadFacts gather_facts(const Fields& fields);

// Why the end of this message's body is not beyond doubt (RFC 9112 sections 6.1 to 6.3); none when it is.
// `minor_version` of HTTP/1.x.
Fault framing_fault(const HeadFacts& facts, int minor_version);

// Whether the sender of this head keeps its connection (RFC 9112 section 9.3).
bool keeps_connection(const HeadFacts& facts, int minor_version);

}  // namespace exposee::http

// The first line of a request and where it points (RFC 9112 section 3). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "http/head_facts.h"
#include "http/message.h"
#include "http/read_step.h"

namespace exposee::http {

// Views point into the line.
struct RequestLine {
  std::string_view method;  // a token, perhaps of no method there is
  std::string_view target;
  int minor_version = 1;
  Fault fault;  // none when the line is well-formed
};

// `line`: without CRLF. Exactly one space between the three parts. Faults: malformed; method_not_implemented:
// it is CONNECT; version_not_supported: it is neither HTTP/1.0 nor HTTP/1.1.
RequestLine parse_request_line(std::string_view line);

// Exactly one Host field with a plausible value; none is fine for HTTP/1.0. Fault: malformed.
Fault host_fault(const HeadFacts& facts, int minor_version);

// Brings the target to origin-form, path and query. Absolute-form (what proxies are sent) brings an authority
// of its own, which counts instead of Host (RFC 9112 section 3.2.2), so that there is one name to route by
// and to check; `authority_of_url` is empty in all other forms. "*" is for OPTIONS. Fault: malformed.
Fault settle_target(Method method, std::string& target, std::string& authority_of_url);

}  // namespace exposee::http

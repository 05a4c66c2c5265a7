#include "http/head_facts.h"

#include "core/text/ascii.h"
#include "http/grammar.h"

namespace exposee::http {
namespace {

// A list of tokens divided by commas (RFC 9110 section 5.6.1).
void read_connection(std::string_view list, HeadFacts& facts) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto token = trimmed(list.substr(0, comma));
    if (equals_ignoring_case(token, "close")) facts.close = true;
    if (equals_ignoring_case(token, "keep-alive")) facts.keep_alive = true;
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

// The length of a name tells most of them apart, and nearly all fields are none of these.
void read_field(std::string_view name, std::string_view value, HeadFacts& facts) {
  if (name.size() == 4 && equals_ignoring_case(name, "host")) {
    ++facts.hosts;
    facts.host = value;
  } else if (name.size() == 6 && equals_ignoring_case(name, "expect")) {
    facts.expect_continue |= equals_ignoring_case(value, "100-continue");
  } else if (name.size() == 10 && equals_ignoring_case(name, "connection")) {
    read_connection(value, facts);
  } else if (name.size() == 10 && equals_ignoring_case(name, "keep-alive")) {
    facts.keep_alive_hint = value;
  } else if (name.size() == 14 && equals_ignoring_case(name, "content-length")) {
    ++facts.lengths;
    facts.length = value;
  } else if (name.size() == 17 && equals_ignoring_case(name, "transfer-encoding")) {
    ++facts.codings;
    facts.coding = value;
  }
}

}  // namespace

HeadFacts gather_facts(const Fields& fields) {
  HeadFacts facts;
  for (std::size_t i = 0; i < fields.size(); ++i) read_field(fields.name(i), fields.value(i), facts);
  return facts;
}

Fault framing_fault(const HeadFacts& facts, int minor_version) {
  if (facts.lengths > 1) return malformed("Content-Length is given more than once.");
  if (facts.codings == 0) return {};
  if (facts.lengths > 0) return malformed("Content-Length and Transfer-Encoding are both given.");
  if (minor_version == 0) return malformed("HTTP/1.0 has no Transfer-Encoding.");
  if (facts.codings > 1) return malformed("Transfer-Encoding is given more than once.");
  if (!equals_ignoring_case(facts.coding, "chunked"))
    return malformed("Transfer-Encoding is not exactly 'chunked'.");
  return {};
}

bool keeps_connection(const HeadFacts& facts, int minor_version) {
  return !facts.close && (minor_version >= 1 || facts.keep_alive);
}

}  // namespace exposee::http

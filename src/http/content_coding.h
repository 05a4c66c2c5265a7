// The coding of a request's body (RFC 9110 section 8.4): as it is, or gzip, which clients and proxies apply
// to large bodies. What is decoded is bounded before it is made, so that a few bytes cannot become gigabytes.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/fault.h"
#include "http/message.h"

namespace exposee::http {

enum class ContentCoding : std::uint8_t { identity, gzip, other };
// From all Content-Encoding fields. Two codings, one over the other, are not supported: `other`.
ContentCoding content_coding(const Fields& headers);

// What is taken, as Accept-Encoding says in the reply to another coding (RFC 9110 section 12.5.3).
constexpr std::string_view kAcceptedCodings = "gzip, identity";

// Ordinary JSON becomes five to twenty times smaller, the dullest a hundred times. Bodies up to
// kFreeExpansion may expand as they like.
constexpr std::size_t kMaxExpansion = 200;
constexpr std::size_t kFreeExpansionBytes = 64 * 1024;

// Replaces `body`, gzip of one or more members (RFC 1952), by what it holds. Faults: malformed when it is
// not gzip, is damaged or cut off; body_too_large when it holds more than `limit_bytes`; expands_too_far.
// Then the body stays.
Fault gunzip(std::string& body, std::size_t limit_bytes);

}  // namespace exposee::http

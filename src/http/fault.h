// Why the bytes of a client never became a request: said by the codec, and by the server for what it refuses
// itself. Which status, code and hint a client gets for each kind stands in api/wire/problem.cc alone. Values
// only.
#pragma once

#include <cstdint>
#include <string_view>

namespace exposee::http {

enum class FaultKind : std::uint8_t {
  none,
  malformed,
  too_slow,
  body_too_large,
  expands_too_far,  // a compressed body
  request_line_too_long,
  coding_not_supported,  // of the body
  fields_too_large,
  method_not_implemented,
  version_not_supported,
  too_many_connections,
  too_many_unfinished,  // bodies: this one is given up, because clients hold too much in those that are still
                        // coming
};
constexpr FaultKind kLastFaultKind = FaultKind::too_many_unfinished;

struct Fault {
  FaultKind kind = FaultKind::none;
  std::string_view sentence;  // what exactly was wrong, in one sentence of static lifetime
  explicit operator bool() const { return kind != FaultKind::none; }
};

constexpr Fault malformed(std::string_view sentence) {
  return {FaultKind::malformed, sentence};
}

}  // namespace exposee::http

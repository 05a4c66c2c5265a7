// What the two parsers (request_parser.h, response_parser.h) say after each piece of input. Values only.
#pragma once

#include <cstddef>
#include <cstdint>

#include "http/fault.h"

namespace exposee::http {

enum class ReadState : std::uint8_t {
  need_more,      // all bytes are taken and the message is not whole yet
  head_complete,  // requests only: the head is there; set_body_limit() must be called before feeding on
  complete,       // the message is whole
  error,          // the bytes are not a message; fault() says why; nothing after them may be read
};

struct ReadStep {
  ReadState state = ReadState::need_more;
  std::size_t consumed = 0;  // bytes taken from the front; the rest stays the caller's
};

}  // namespace exposee::http

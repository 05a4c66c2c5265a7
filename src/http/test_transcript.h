// For tests and the fuzzer: what a parser makes of a stream of bytes, told as text, so that two ways of
// cutting the same stream are compared by comparing two strings. Plays the part of the connection: feeds,
// sets limits, goes on to the next message.
#pragma once

#include <cstddef>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_parser.h"
#include "http/response_parser.h"

namespace exposee::http::testing {

using Pieces = std::vector<std::string_view>;

inline Pieces cut_in_two(std::string_view bytes, std::size_t at) {
  return {bytes.substr(0, at), bytes.substr(at)};
}

inline Pieces cut_in_bytes(std::string_view bytes) {
  Pieces pieces;
  for (std::size_t i = 0; i < bytes.size(); ++i) pieces.push_back(bytes.substr(i, 1));
  return pieces;
}

template <class SomeFields>
  requires std::same_as<SomeFields, Fields> || std::same_as<SomeFields, FieldLines>
std::string told(const SomeFields& fields) {
  std::string text;
  for (const auto& [name, value] : fields)
    text.append("[").append(name).append(": ").append(value).append("]");
  return text;
}

inline std::string told(const Request& request) {
  return request.method_text + " " + request.target + " 1." + std::to_string(request.minor_version) +
         (request.keep_alive ? " keep " : " close ") + told(request.headers) + " {" + request.body + "}\n";
}

inline std::string told(FaultKind kind) {
  return "error of kind " + std::to_string(static_cast<int>(kind)) + ": ";
}
inline std::string told(const Fault& fault) {
  return told(fault.kind) + std::string(fault.sentence) + "\n";
}

// One line per message; an unfinished one at the end is "more\n".
inline std::string read_requests(RequestParser& parser, const Pieces& pieces, std::size_t body_limit) {
  std::string text;
  for (std::string_view rest : pieces) {
    while (!rest.empty()) {
      const ReadStep step = parser.feed(rest);
      rest.remove_prefix(step.consumed);
      ReadState state = step.state;
      if (state == ReadState::head_complete) {
        state = parser.set_body_limit(body_limit);
        if (parser.expects_continue()) text += "100-continue ";
      }
      if (state == ReadState::error) return text + told(parser.fault());
      if (state == ReadState::complete) {
        text += told(parser.request());
        parser.next();
      }
    }
  }
  return parser.idle() ? text : text + "more\n";
}

inline std::string read_requests(const Pieces& pieces, std::size_t body_limit) {
  RequestParser parser;
  return read_requests(parser, pieces, body_limit);
}

inline std::string told(ResponseParser& parser, ReadState state) {
  std::string text;
  if (parser.has_head()) {
    text = std::to_string(parser.status()) + " '" + std::string(parser.reason()) + "' " +
           told(parser.headers()) + " {" + parser.body() + "}" +
           (parser.body_truncated() ? " truncated" : "");
  }
  if (state == ReadState::complete) return text + (parser.reusable() ? " reusable\n" : " last\n");
  if (state == ReadState::need_more) return text + " more\n";
  return text + (parser.ended_early() ? " ended: " : " bad: ") + std::string(parser.fault()) + "\n";
}

// The one answer at the front of the bytes. `then_eof`: the connection ends after the last piece.
inline std::string read_response(ResponseParser& parser, const Pieces& pieces, bool then_eof) {
  ReadState state = ReadState::need_more;
  for (const std::string_view piece : pieces) state = parser.feed(piece).state;
  if (then_eof) state = parser.on_eof();
  return told(parser, state);
}

inline std::string read_response(const Pieces& pieces, bool then_eof, ResponseLimits limits = {}) {
  ResponseParser parser(limits);
  return read_response(parser, pieces, then_eof);
}

// Where to cut a message in two: everywhere.
inline auto cuts_of(std::string_view bytes) {
  return std::views::iota(std::size_t{0}, bytes.size() + 1);
}

}  // namespace exposee::http::testing

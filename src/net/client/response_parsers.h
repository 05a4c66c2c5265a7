// Parsers for the connections of a sender. A connection has one only from the first byte of a response to its end:
// thousands of them wait at a time, and few read. Those given back are used again, so that a response costs no
// allocation. Owned by SenderCore (ClientShared); sender's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "http/response_parser.h"

namespace exposee::net {

using ResponseParserPtr = std::unique_ptr<http::ResponseParser>;

class ResponseParsers {
 public:
  explicit ResponseParsers(http::ResponseLimits limits) : limits_(limits) {}

  // One that has seen nothing.
  ResponseParserPtr take() {
    if (unused_.empty()) return std::make_unique<http::ResponseParser>(limits_);
    auto parser = std::move(unused_.back());
    unused_.pop_back();
    parser->next();
    return parser;
  }

  // Nothing is done with null.
  void give_back(ResponseParserPtr parser) {
    if (parser && unused_.size() < kMostUnused) unused_.push_back(std::move(parser));
  }

  std::size_t unused() const { return unused_.size(); }

 private:
  // Responses that come in one piece need one; some come in several at the same time. A parser that has seen the
  // largest head and body keeps some 40 KiB.
  static constexpr std::size_t kMostUnused = 16;

  http::ResponseLimits limits_;
  std::vector<ResponseParserPtr> unused_;
};

}  // namespace exposee::net

// Bytes of a client -> Request. Strict HTTP/1.1 and 1.0 (RFC 9112): whatever two parsers could read
// differently is refused, because that is how requests are smuggled (promises section 5). llhttp parses;
// message_reader.h adds the discipline of lines and framing; here are the rules that only requests have.
//
// Owned by one connection of net/server, used on its thread only. One parser reads any number of messages,
// one after the other, and allocates nothing once its buffers have grown (unless request() is moved out).
//
//   auto step = parser.feed(bytes);            // take step.consumed off the front
//   head_complete -> parser.set_body_limit(n)  // then send "100 Continue" if expects_continue(), feed the
//   rest complete      -> use request(), then next(); the rest of the bytes are the next request (pipelining)
//   error         -> reply as fault() says, close, read nothing more
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/message.h"
#include "http/message_reader.h"
#include "http/read_step.h"

namespace exposee::http {

class RequestParser final : private MessageReader {
 public:
  RequestParser();

  // Takes bytes up to the end of the head, or of the message, or of the input. Any cut of the stream into
  // pieces gives the same outcome. Between head_complete and set_body_limit(), after error and after complete
  // it takes nothing and says the same again.
  ReadStep feed(std::string_view bytes);

  // After head_complete: how many bytes of body this request may have. Says complete when it has no body,
  // need_more when one is to come, error (body_too_large) when Content-Length is over the limit already. A
  // chunked body over the limit is the same error of feed(), as soon as a chunk announces it.
  ReadState set_body_limit(std::size_t limit_bytes);

  // Whether the client waits for "100 Continue" before it sends its body (RFC 9110 section 10.1.1). Asked
  // between set_body_limit() saying need_more and the first byte of the body; false once body bytes came.
  bool expects_continue() const;

  // Head: from head_complete on. Body: when complete. May be moved out before next(). `peer` is the caller's.
  Request& request() { return request_; }

  // Meaningful after error.
  const Fault& fault() const { return MessageReader::fault(); }

  // Nothing of a message has come yet: closing now interrupts nothing.
  bool idle() const { return MessageReader::idle(); }
  // The head is still coming (or not begun): the head's deadline applies, then the body's.
  bool reading_head() const { return MessageReader::reading_head(); }

  // Ready for the next message of the connection, also after error (then for another connection).
  void next();

 private:
  bool on_start_line(std::string_view line) override;
  AfterHead on_head() override;
  bool on_chunk_size(std::uint64_t bytes) override;
  bool on_body_bytes(std::string_view bytes) override;

  Request request_;
  Fault method_fault_;  // reported after the head, so that the caller is known
  std::size_t body_limit_ = 0;
  bool expects_continue_ = false;
};

}  // namespace exposee::http

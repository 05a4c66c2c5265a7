// Bytes of a receiver -> its answer to our POST. As strict as the request side: an answer whose end two
// parsers could see at different places is refused (`bad_response`), whatever its status says.
//
// Owned by one connection of net/sender, used on its thread only. One parser reads any number of answers, one
// after the other, and allocates nothing once its buffers have grown (unless body() is moved out).
//
// Interim answers (1xx) are counted and thrown away; 101 is refused, since nobody asked to switch protocols.
// Bodies end by length, chunks or the connection's end (RFC 9112 section 6.3); none for 204 and 304. The
// first `body_kept` bytes are kept, up to `body_read` are read; past that the answer is complete, truncated,
// and its connection cannot be used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/limits.h"
#include "http/message.h"
#include "http/message_reader.h"
#include "http/read_step.h"

namespace exposee::http {

struct ResponseLimits {
  std::size_t body_kept = kMaxAnswerBodyKept;  // bytes
  std::size_t body_read = kMaxAnswerBodyRead;  // bytes; at least body_kept
};

class ResponseParser final : private MessageReader {
 public:
  explicit ResponseParser(ResponseLimits limits = {});

  // need_more, complete or error (never head_complete). After complete and error it takes nothing more. Bytes
  // left over after complete are nobody's answer: reusable() is false then.
  ReadStep feed(std::string_view bytes);

  // The connection has ended: complete when the body was to end with it, else error with ended_early().
  ReadState on_eof();

  // The final answer's head (status, reason, headers) is there, also when its body breaks off or goes wrong
  // later.
  bool has_head() const { return has_head_; }
  // No byte of an answer has come yet, not even of an interim one.
  bool idle() const { return MessageReader::idle() && interim_answers_ == 0; }

  // From has_head() on.
  int status() const { return status_; }               // 200..999
  std::string_view reason() const { return reason_; }  // as sent, may be empty
  const Fields& headers() const { return headers_; }   // all of them; trailers are not kept
  std::optional<std::string_view> header(std::string_view name) const { return headers_.find(name); }
  std::string& body() { return body_; }                    // as far as it came and is kept
  bool body_truncated() const { return body_truncated_; }  // more was sent than is kept
  // After complete: whether the connection may carry another request.
  bool reusable() const { return reusable_ && state() == ReadState::complete; }

  // Meaningful after error. Either the bytes are no answer within the limits, or they ended too early.
  const Fault& fault() const { return MessageReader::fault(); }
  bool ended_early() const { return ended_early_; }

  // Ready for the next answer of the connection, or (after anything) of another connection.
  void next();

 private:
  bool on_start_line(std::string_view line) override;
  AfterHead on_head() override;
  bool on_chunk_size(std::uint64_t bytes) override;
  bool on_body_bytes(std::string_view bytes) override;

  AfterHead on_interim_head();
  void settle_body(bool no_body);

  const ResponseLimits limits_;
  int status_ = 0;
  int minor_version_ = 1;
  std::string reason_;
  Fields headers_;
  std::string body_;
  std::size_t body_seen_ = 0;        // bytes, kept or not
  std::size_t stop_after_ = 0;       // bytes of body: one more, and the answer is complete
  std::size_t interim_answers_ = 0;  // since the request went out
  bool has_head_ = false;
  bool body_truncated_ = false;
  bool reusable_ = false;
  bool ended_early_ = false;
};

}  // namespace exposee::http

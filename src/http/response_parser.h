// Bytes of a receiver -> its response to our POST. The head decides: it is read as curl and browsers read it
// (response_head.h), and once it is whole the response has a status that nothing after it takes away. Where
// it is not beyond doubt where the body ends, the connection is not used again (response_framing.h).
//
// Owned by one connection of net/client, used on its thread only. One parser reads any number of responses,
// one after the other, and allocates nothing once its buffers have grown (unless body() is moved out).
//
// Interim responses (1xx) are counted and thrown away; 101 is refused, since no request asks to switch
// protocols. Bodies end by length, chunks or the connection's end (RFC 9112 section 6.3); none for 204 and
// 304. The first `body_kept` bytes are kept, up to `body_read` are read; past that the response is complete,
// truncated, and its connection cannot be used again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/response_framing.h"
#include "http/chunked_body.h"
#include "http/limits.h"
#include "http/message.h"
#include "http/read_step.h"
#include "http/response_head.h"

namespace exposee::http {

struct ResponseLimits {
  std::size_t body_kept = kMaxResponseBodyKept;  // bytes
  std::size_t body_read = kMaxResponseBodyRead;  // bytes; at least body_kept
};

class ResponseParser final : private BodySink {
 public:
  explicit ResponseParser(ResponseLimits limits = {});
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  // need_more, complete or error (never head_complete). After complete and error it takes nothing more. Bytes
  // left over after complete belong to no response: reusable() is false then.
  ReadStep feed(std::string_view bytes);

  // The connection has ended: complete when the body was to end with it, else error with ended_early().
  ReadState on_eof();

  // The final response's head (status, reason, headers) is there, also when its body breaks off or goes wrong
  // later.
  bool has_head() const { return has_head_; }
  // No byte of a response has come yet, not even of an interim one.
  bool idle() const { return phase_ == Phase::head && head_.untouched() && interim_responses_ == 0; }

  // From has_head() on.
  int status() const { return head_.status(); }               // 200..999
  std::string_view reason() const { return head_.reason(); }  // as sent, may be empty
  const Fields& headers() const { return head_.fields(); }    // all of them; trailers are not kept
  std::optional<std::string_view> header(std::string_view name) const { return headers().find(name); }
  std::string& body() { return body_; }                    // as far as it came and is kept
  bool body_truncated() const { return body_truncated_; }  // more was sent than is kept
  // After complete: whether the connection may carry another request.
  bool reusable() const { return reusable_ && phase_ == Phase::done; }
  // How long the receiver says it keeps the connection (`Keep-Alive: timeout=`); nothing when it does not
  // say.
  std::optional<std::chrono::seconds> keep_alive_timeout() const { return keep_alive_timeout_; }

  // Meaningful after error. Either the bytes are not a response within the limits, or they ended too early.
  std::string_view fault() const { return fault_; }
  bool ended_early() const { return ended_early_; }

  // Ready for the next response of the connection, or (after anything) of another connection.
  void next();

 private:
  enum class Phase : std::uint8_t { head, counted, chunked, to_end, done, failed };

  ReadState state() const;
  std::size_t advance(std::string_view input);
  std::size_t read_head(std::string_view input);
  std::size_t read_counted(std::string_view input);
  std::size_t read_chunks(std::string_view input);
  void finish_head();
  void finish_interim_head();
  void begin_body(const ResponseFraming& framing);
  bool body_bytes(std::string_view bytes) override;
  void fail(std::string_view sentence);

  const ResponseLimits limits_;
  ResponseHead head_;
  ChunkedBody chunks_;
  std::string body_;
  std::uint64_t body_left_ = 0;      // bytes, of a counted body
  std::size_t body_seen_ = 0;        // bytes, kept or not
  std::size_t stop_after_ = 0;       // bytes of body: one more, and the response is complete
  std::size_t interim_responses_ = 0;  // since the request went out
  std::optional<std::chrono::seconds> keep_alive_timeout_;
  std::string_view fault_;
  Phase phase_ = Phase::head;
  bool has_head_ = false;
  bool body_truncated_ = false;
  bool reusable_ = false;
  bool ended_early_ = false;
};

}  // namespace exposee::http

// What both parsers share: bytes -> LineGuard -> llhttp -> hooks. llhttp is given whole lines of heads, chunk
// sizes and trailers, and then exactly the bytes of body that its framing announced; the guard finds the ends
// itself, and when the two do not agree the message is refused. So every span of llhttp is whole, and any cut
// of the stream into pieces gives the same outcome.
//
// Input is only copied (into a line buffer) where a line is cut by the end of a piece.
//
// Base of RequestParser and ChunkedBody; used on their thread. Not movable: llhttp points back here.
#pragma once

#include <llhttp.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/head_facts.h"
#include "http/line_guard.h"
#include "http/message.h"
#include "http/read_step.h"

namespace exposee::http {

class MessageReader {
 public:
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

 protected:
  enum class AfterHead : std::uint8_t {
    refused,  // refuse() was called
    pause,    // read() says head_complete until read_body() is called
    body,     // read on, as the head frames it
  };

  // `fields` (a member of the derived class) is filled with the head's fields, in order.
  MessageReader(llhttp_type_t type, const SectionRules& head_rules, Fields& fields);
  ~MessageReader() = default;

  ReadStep read(std::string_view bytes);
  void read_body();      // leaves the pause after the head
  void begin_message();  // forgets everything but the buffers

  // First call wins: the first fault of the stream is reported. Always false, to be returned.
  bool refuse(const Fault& fault);
  const Fault& fault() const { return fault_; }
  // The message counts as whole although more of its body may come.
  void cut_short() { phase_ = Phase::done; }

  ReadState state() const;
  bool idle() const { return phase_ == Phase::head && guard_.untouched(); }
  bool reading_head() const { return phase_ == Phase::head; }
  // From on_head() on: what the head says of the body, 0 when it gives no length.
  std::uint64_t content_length() const { return content_length_; }
  bool chunked() const { return chunked_; }
  // Bytes after the head were taken.
  bool body_begun() const { return body_begun_; }

  // Only in on_start_line(): llhttp is to see the start line of an ordinary request instead, and reads on.
  void hide_start_line() { start_line_hidden_ = true; }

  // Hooks, in the order of the stream. False: refuse() or cut_short() was called.
  virtual bool on_start_line(std::string_view line) = 0;  // without CRLF
  virtual AfterHead on_head() = 0;                        // the fields are filled
  virtual bool on_chunk_size(std::uint64_t bytes) = 0;    // of the chunk that comes; never 0
  virtual bool on_body_bytes(std::string_view bytes) = 0;

 private:
  enum class Phase : std::uint8_t {
    head,
    paused,      // after the head, until read_body()
    chunk_size,  // one line
    counted,     // body bytes whose number is known: of a Content-Length, or of a chunk and its CRLF
    trailers,
    done,
    failed,
  };
  struct Callbacks;  // llhttp's C functions
  friend struct Callbacks;

  std::size_t advance(std::string_view input);
  std::size_t read_lines(std::string_view input);
  std::size_t read_counted(std::string_view input);
  bool run_lines(std::string_view lines);
  bool run_whole(std::string_view lines);
  bool run(std::string_view bytes);
  bool begin_head(std::string_view& lines);
  bool fail_by_llhttp(llhttp_errno_t error);
  void begin_lines(Phase phase, const SectionRules& rules);
  void finish_section();
  void finish_head();
  void finish_chunk_size();
  void finish_message();

  const llhttp_type_t type_;
  const SectionRules& head_rules_;
  Fields& fields_;
  llhttp_t llhttp_;
  LineGuard guard_;
  std::string pending_;  // an unfinished line, cut by the end of a piece
  std::uint64_t content_length_ = 0;
  std::uint64_t chunk_size_ = 0;    // bytes, as its line says
  std::uint64_t counted_left_ = 0;  // bytes
  std::size_t chunk_overhead_ = 0;  // bytes, kMaxChunkExtensionBytes
  AfterHead after_head_ = AfterHead::body;
  Phase phase_ = Phase::head;
  bool started_ = false;        // the start line was judged
  bool start_line_hidden_ = false;
  bool head_whole_ = false;     // llhttp saw the head's end
  bool message_whole_ = false;  // llhttp saw the message's end
  bool chunked_ = false;
  bool body_begun_ = false;
  Fault fault_;
};

}  // namespace exposee::http

// The chunked body of a receiver's response (RFC 9112 section 7.1), read by llhttp under the discipline of
// message_reader.h: what is malformed is an error, which by then costs no more than the rest of the body.
// Part of a ResponseParser; used on its thread.
#pragma once

#include <string_view>

#include "http/message_reader.h"

namespace exposee::http {

// Takes the bytes of a body.
class BodySink {
 public:
  virtual bool body_bytes(std::string_view bytes) = 0;  // false: no more of them

 protected:
  ~BodySink() = default;
};

class ChunkedBody final : private MessageReader {
 public:
  explicit ChunkedBody(BodySink& sink);

  void begin();  // the head is read, and a body begins
  // need_more, complete (also when the sink takes no more) or error.
  ReadStep feed(std::string_view bytes) { return read(bytes); }
  std::string_view fault() const { return MessageReader::fault().sentence; }

 private:
  bool on_start_line(std::string_view) override { return true; }
  AfterHead on_head() override { return AfterHead::body; }
  bool on_chunk_size(std::uint64_t) override { return true; }
  bool on_body_bytes(std::string_view bytes) override;

  BodySink& sink_;
  Fields no_fields_;
};

}  // namespace exposee::http

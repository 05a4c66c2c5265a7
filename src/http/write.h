// Values -> bytes: replies of the server, and the heads of requests that are sent. Everything appends to a
// buffer the caller owns and reuses, so that nothing is allocated once it has grown. Pure; any thread.
//
// Names and values must be clean: a name is a token (RFC 9110 section 5.6.2), a value has no control byte but
// tab. Anything else is a programmer's error and ends the process (core/assert.h), because CR or LF in a
// value would let its author write headers, or whole messages, of their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "http/field_lines.h"
#include "http/message.h"

namespace exposee::http {

// What of a request shapes the bytes of its response.
struct ResponseContext {
  int minor_version = 1;   // of the request; a 1.0 client needs a field to keep its connection
  bool keep_alive = true;  // the client keeps the connection, and the server too
  bool head = false;       // HEAD: the same head, Content-Length included, without the body
  // What is said of a connection that stays open, as made by keep_alive_lines(); it must outlive the context.
  std::string_view keep_alive_lines = {};
};
ResponseContext response_context(const Request& request);

// The field lines that announce how long a connection may be silent before it is closed, so that clients and
// proxies give it up first; "" below a second, which they have no way to say.
std::string keep_alive_lines(std::chrono::seconds idle);

struct WrittenResponse {
  bool stays_open = true;     // the connection, after this response
  bool body_follows = false;  // the body is not in `out`: the caller sends it next, from where it lies
};

// Status line, Date, the response's headers, Content-Length, what must be said of the connection, and the
// body if it has at most `inline_bytes`: larger ones are not copied. `date`: IMF-fixdate (core/time.h
// http_date), made once a second by the caller. 204 and 304 carry neither length nor body (RFC 9110
// section 8.6). Status is 200..999.
WrittenResponse write_response(const Response& response, const ResponseContext& context, std::string_view date,
                               std::string& out,
                               std::size_t inline_bytes = std::numeric_limits<std::size_t>::max());

// The head of a response whose body comes piece by piece: chunked, or for HTTP/1.0 up to the end of the
// connection (RFC 9112 section 6.3). Whether the connection stays open after it.
bool write_stream_head(const Response& response, const ResponseContext& context, std::string_view date,
                       std::string& out);
// Makes `piece` a chunk (RFC 9112 section 7.1): what stands before it goes to `out`, what stands behind it to
// its end. `last`: and with it the body ends. An empty piece makes no chunk.
void frame_chunk(std::string& piece, bool last, std::string& out);

// The interim response to `Expect: 100-continue`.
void write_continue(std::string& out);

// A request's head, in pieces: begin_request, any number of append_field, end_request_head. The pieces that
// never change for a target can be written once and copied; those of every attempt are a HeadPen's.
//   `target`: path and query as in core/url/url.h, "/" at least, printable ASCII without spaces
//   `authority`: value of Host
void begin_request(std::string_view method, std::string_view target, std::string_view authority,
                   std::string& out);
void append_field(std::string_view name, std::string_view value, std::string& out);
void append_field(std::string_view name, std::uint64_t value, std::string& out);
// Content-Length and the empty line; `body_bytes` of body must follow.
void end_request_head(std::size_t body_bytes, std::string& out);

// A head written into room that was set aside for all of it at once: this runs for every attempt and every
// answer, and appending piece by piece cost more than signing.
class HeadPen {
 public:
  static constexpr std::size_t kNumberBytes = 20;  // of the longest number
  // Bytes that a field takes beside its value, at most: the longest name, ": " and CRLF.
  static constexpr std::size_t kFieldBytes = 32;

  explicit HeadPen(char* to) : at_(to) {}
  void raw(std::string_view bytes) {
    if (bytes.empty()) return;  // its pointer may be null
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void field(FieldName name, std::string_view clean_value) {
    raw(name.text());
    raw(clean_value);
    raw("\r\n");
  }
  void field(FieldName name, std::uint64_t value);
  void end(std::size_t body_bytes);  // as end_request_head()
  char* at() const { return at_; }

 private:
  char* at_;
};

}  // namespace exposee::http

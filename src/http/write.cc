#include "http/write.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/assert.h"
#include "core/text/join.h"
#include "http/grammar.h"

namespace exposee::http {
namespace {

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

void assert_clean(std::string_view name, std::string_view value) {
  EXPOSEE_ASSERT(is_token(name), "a field name is a token");
  EXPOSEE_ASSERT(is_field_value(value), "a field value has no control bytes");
}

// Bytes of the response's head, at most.
std::size_t room_for_head(const Response& response, const ResponseContext& context, std::string_view date) {
  constexpr std::size_t kOwnFields = 3;         // Date, Content-Length or Transfer-Encoding, Connection
  constexpr std::size_t kStatusLineBytes = 64;  // its longest phrase is shorter than half of it
  const std::size_t room =
      kStatusLineBytes + kOwnFields * (HeadPen::kFieldBytes + HeadPen::kNumberBytes) + date.size();
  return room + response.headers.bytes().size() + context.keep_alive_lines.size();
}

void write_status_line(int status, HeadPen& pen) {
  const char digits[] = {static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
                         static_cast<char>('0' + status % 10)};
  pen.raw("HTTP/1.1 ");
  pen.raw({digits, sizeof digits});
  pen.raw(" ");
  pen.raw(reason_phrase(status));
  pen.raw("\r\n");
}

inline void write_connection(bool stays_open, const ResponseContext& context, HeadPen& pen) {
  if (!stays_open) {
    pen.field("Connection: ", "close");
  } else if (!context.keep_alive_lines.empty()) {
    pen.raw(context.keep_alive_lines);
  } else if (context.minor_version == 0) {
    pen.field("Connection: ", "keep-alive");
  }
}

}  // namespace

ResponseContext response_context(const Request& request) {
  return {.minor_version = request.minor_version,
          .keep_alive = request.keep_alive,
          .head = request.method == Method::head};
}

std::string keep_alive_lines(std::chrono::seconds idle) {
  if (idle < std::chrono::seconds(1)) return {};
  return "Connection: keep-alive\r\nKeep-Alive: timeout=" + std::to_string(idle.count()) + "\r\n";
}

// Everything at once, into room for all of it: every reply passes through here.
WrittenResponse write_response(const Response& response, const ResponseContext& context, std::string_view date,
                               std::string& out, std::size_t inline_bytes) {
  EXPOSEE_ASSERT(response.status >= 200 && response.status <= 999, "a final response has a final status");
  const bool stays_open = context.keep_alive && !response.close;
  const std::string_view body = response.body.view();
  const bool sends_body = !context.head && !has_no_body(response.status) && !body.empty();
  const bool inlined = sends_body && body.size() <= inline_bytes;
  const std::size_t before = out.size();
  const std::size_t room = before + room_for_head(response, context, date) + (inlined ? body.size() : 0);
  out.resize_and_overwrite(room, [&](char* begin, std::size_t) {
    HeadPen pen(begin + before);
    write_status_line(response.status, pen);
    pen.field("Date: ", date);
    pen.raw(response.headers.bytes());
    if (!has_no_body(response.status)) pen.field("Content-Length: ", body.size());
    write_connection(stays_open, context, pen);
    pen.raw("\r\n");
    if (inlined) pen.raw(body);
    return static_cast<std::size_t>(pen.at() - begin);
  });
  return {.stays_open = stays_open, .body_follows = sends_body && !inlined};
}

bool write_stream_head(const Response& response, const ResponseContext& context, std::string_view date,
                       std::string& out) {
  EXPOSEE_ASSERT(response.status >= 200 && response.status <= 999 && !has_no_body(response.status),
                 "what comes piece by piece is a body");
  const bool chunked = context.minor_version > 0;
  const bool stays_open = context.keep_alive && !response.close && chunked;
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + room_for_head(response, context, date), [&](char* begin, std::size_t) {
    HeadPen pen(begin + before);
    write_status_line(response.status, pen);
    pen.field("Date: ", date);
    pen.raw(response.headers.bytes());
    if (chunked) pen.field("Transfer-Encoding: ", "chunked");
    write_connection(stays_open, context, pen);
    pen.raw("\r\n");
    return static_cast<std::size_t>(pen.at() - begin);
  });
  return stays_open;
}

void frame_chunk(std::string& piece, bool last, std::string& out) {
  constexpr std::string_view kEnd = "0\r\n\r\n";
  if (piece.empty()) {
    if (last) out.append(kEnd);
    return;
  }
  char digits[HeadPen::kNumberBytes];
  const auto end = std::to_chars(digits, digits + sizeof digits, piece.size(), 16).ptr;
  out.append(digits, end).append("\r\n");
  piece.append("\r\n");
  if (last) piece.append(kEnd);
}

void write_continue(std::string& out) {
  out.append("HTTP/1.1 100 Continue\r\n\r\n");
}

void begin_request(std::string_view method, std::string_view target, std::string_view authority,
                   std::string& out) {
  EXPOSEE_ASSERT(is_token(method), "a method is a token");
  EXPOSEE_ASSERT(!target.empty() && is_visible_ascii(target), "a request target is visible ASCII");
  out.append(method).append(" ").append(target).append(" HTTP/1.1\r\n");
  append_field("Host", authority, out);
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  assert_clean(name, value);
  append_all(out, {name, ": ", value, "\r\n"});
}

void append_field(std::string_view name, std::uint64_t value, std::string& out) {
  EXPOSEE_ASSERT(is_token(name), "a field name is a token");
  char digits[HeadPen::kNumberBytes];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  append_all(out, {name, ": ", {digits, static_cast<std::size_t>(end - digits)}, "\r\n"});
}

void end_request_head(std::size_t body_bytes, std::string& out) {
  append_field("Content-Length", body_bytes, out);
  out.append("\r\n");
}

// --- HeadPen --------------------------------------------------------------------------------------------

void HeadPen::field(FieldName name, std::uint64_t value) {
  raw(name.text());
  at_ = std::to_chars(at_, at_ + kNumberBytes, value).ptr;
  raw("\r\n");
}

void HeadPen::end(std::size_t body_bytes) {
  field("Content-Length: ", body_bytes);
  raw("\r\n");
}

}  // namespace exposee::http

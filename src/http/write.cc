#include "http/write.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "core/assert.h"
#include "core/join.h"
#include "http/grammar.h"

namespace exposee::http {
namespace {

void append_status_line(int status, std::string& out) {
  EXPOSEE_ASSERT(status >= 200 && status <= 999, "a final answer has a final status");
  const char digits[] = {static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
                         static_cast<char>('0' + status % 10)};
  append_all(out, {"HTTP/1.1 ", {digits, sizeof digits}, " ", reason_phrase(status), "\r\n"});
}

// These are decided here alone: a second one would contradict the first.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 4> kOurs{"content-length", "transfer-encoding", "connection",
                                                  "date"};
  return std::any_of(kOurs.begin(), kOurs.end(),
                     [name](std::string_view ours) { return equals_ignoring_case(name, ours); });
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

}  // namespace

AnswerContext answer_context(const Request& request) {
  return {request.minor_version, request.keep_alive, request.method == Method::head};
}

bool write_response(const Response& response, const AnswerContext& context, std::string_view date,
                    std::string& out) {
  const bool stays_open = context.keep_alive && !response.close;
  append_status_line(response.status, out);
  append_field("Date", date, out);
  for (const auto& [name, value] : response.headers) {
    EXPOSEE_ASSERT(!is_ours(name), "framing and connection are written by write_response() itself");
    append_field(name, value, out);
  }
  if (!has_no_body(response.status)) append_field("Content-Length", response.body.size(), out);
  if (!stays_open) append_field("Connection", "close", out);
  if (stays_open && context.minor_version == 0) append_field("Connection", "keep-alive", out);
  out.append("\r\n");
  if (!context.head && !has_no_body(response.status)) out.append(response.body);
  return stays_open;
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
  EXPOSEE_ASSERT(is_token(name), "a field name is a token");
  EXPOSEE_ASSERT(is_field_value(value), "a field value has no control bytes");
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

void HeadPen::raw(std::string_view bytes) {
  std::memcpy(at_, bytes.data(), bytes.size());
  at_ += bytes.size();
}

void HeadPen::field(FieldName name, std::string_view clean_value) {
  raw(name.text());
  raw(clean_value);
  raw("\r\n");
}

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

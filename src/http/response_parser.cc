#include "http/response_parser.h"

#include <algorithm>

#include "core/assert.h"

namespace exposee::http {
namespace {

constexpr std::string_view kHeadTooLong = "The answer's head is larger than 16 KiB.";

constexpr SectionRules kAnswerHeadRules{
    .start_line_counts = true,
    .max_start_bytes = kMaxAnswerHeadBytes,
    .max_field_bytes = kMaxAnswerHeadBytes,
    .max_fields = kMaxAnswerFields,
    .start_too_long = {0, kHeadTooLong},
    .fields_too_long = {0, kHeadTooLong},
    .too_many_fields = {0, "The answer has more than 100 header fields."},
};

struct StatusLine {
  int status = 0;  // 0: malformed
  int minor_version = 1;
  std::string_view reason;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// RFC 9112 section 4. Also without the space after the number, which many servers leave out with the reason.
StatusLine parse_status_line(std::string_view line) {
  constexpr std::size_t kNumberAt = 9, kNumberEnd = 12;
  if (line.size() < kNumberEnd || !line.starts_with("HTTP/1.") || line[8] != ' ') return {};
  if (line[7] != '0' && line[7] != '1') return {};
  const auto number = line.substr(kNumberAt, kNumberEnd - kNumberAt);
  if (!std::all_of(number.begin(), number.end(), is_digit) || number[0] == '0') return {};
  if (line.size() > kNumberEnd && line[kNumberEnd] != ' ') return {};
  StatusLine result;
  result.status = (number[0] - '0') * 100 + (number[1] - '0') * 10 + (number[2] - '0');
  result.minor_version = line[7] - '0';
  result.reason = line.substr(std::min(line.size(), kNumberEnd + 1));
  return result;
}

}  // namespace

ResponseParser::ResponseParser(ResponseLimits limits)
    : MessageReader(HTTP_RESPONSE, kAnswerHeadRules, headers_), limits_(limits) {
  EXPOSEE_ASSERT(limits.body_read >= limits.body_kept, "what is kept must be read");
  next();
}

void ResponseParser::next() {
  begin_message();
  status_ = 0;
  reason_.clear();
  body_.clear();
  body_seen_ = stop_after_ = interim_answers_ = 0;
  has_head_ = body_truncated_ = reusable_ = ended_early_ = false;
}

ReadStep ResponseParser::feed(std::string_view bytes) {
  const ReadStep step = read(bytes);
  if (step.consumed < bytes.size()) reusable_ = false;
  return step;
}

ReadState ResponseParser::on_eof() {
  if (state() != ReadState::need_more) return state();
  if (body_ends_with_connection()) {
    cut_short();
    return state();
  }
  ended_early_ = true;
  refuse(0, has_head_ ? "The connection ended before the answer's body was whole."
            : idle()  ? "The connection ended without an answer."
                      : "The connection ended before the answer's head was whole.");
  return state();
}

bool ResponseParser::on_start_line(std::string_view text) {
  const StatusLine line = parse_status_line(text);
  if (line.status == 0) return refuse(0, "The answer does not begin with 'HTTP/1.1' and a status.");
  status_ = line.status;
  minor_version_ = line.minor_version;
  reason_ = line.reason;
  return true;
}

MessageReader::AfterHead ResponseParser::on_head() {
  if (status_ < 200) return on_interim_head();
  const HeadFacts facts = gather_facts(headers_);
  if (const auto fault = framing_fault(facts, minor_version_); !fault.empty()) {
    refuse(0, fault);
    return AfterHead::refused;
  }
  has_head_ = true;
  const bool no_body = status_ == 204 || status_ == 304;
  const bool framed = facts.lengths > 0 || facts.codings > 0;
  reusable_ = keeps_connection(facts, minor_version_) && (framed || no_body);
  settle_body(no_body);
  return no_body ? AfterHead::no_body : AfterHead::body;
}

MessageReader::AfterHead ResponseParser::on_interim_head() {
  if (status_ == 101) {
    refuse(0, "The receiver switched protocols (101), which nobody asked for.");
  } else if (++interim_answers_ > kMaxInterimAnswers) {
    refuse(0, "The receiver sent more than five interim answers (1xx).");
  } else {
    return AfterHead::interim;
  }
  return AfterHead::refused;
}

void ResponseParser::settle_body(bool no_body) {
  stop_after_ = limits_.body_read;
  if (no_body) {
    // A body that is announced where none may be could still come, and would pass for the next answer.
    if (chunked() || (status_ == 204 && content_length() > 0)) reusable_ = false;
    return;
  }
  // Known to be too long to be read to its end: then what is kept is all that is worth reading.
  if (content_length() > limits_.body_read) stop_after_ = limits_.body_kept;
  const auto expected = std::min<std::uint64_t>({content_length(), limits_.body_kept, kMaxBodyReserve});
  body_.reserve(static_cast<std::size_t>(expected));
}

bool ResponseParser::on_chunk_size(std::uint64_t) {
  return true;
}

bool ResponseParser::on_body_bytes(std::string_view bytes) {
  body_.append(bytes.substr(0, limits_.body_kept - body_.size()));
  body_seen_ += bytes.size();
  body_truncated_ = body_seen_ > limits_.body_kept;
  if (body_seen_ <= stop_after_) return true;
  reusable_ = false;
  cut_short();
  return false;
}

}  // namespace exposee::http

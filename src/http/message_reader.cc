#include "http/message_reader.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/assert.h"
#include "core/text/ascii.h"
#include "core/text/give_back.h"
#include "http/blanks.h"
#include "http/grammar.h"
#include "http/limits.h"

namespace exposee::http {
namespace {

constexpr Fault kChunkLineTooLong{FaultKind::malformed, "A chunk's size line is too long."};
constexpr Fault kTrailersTooLong{FaultKind::malformed, "The trailers after the last chunk are too long."};
constexpr Fault kFramingTrailer{FaultKind::malformed,
                                "Content-Length, Transfer-Encoding and Host may not follow the body."};
constexpr Fault kTooManyTrailers{FaultKind::malformed, "There are too many trailers after the last chunk."};

// Room for a cut line that is kept for the next one: connections are many, and such lines rare.
constexpr std::size_t kMaxLineKept = 1024;
constexpr std::string_view kOrdinaryStartLine = "POST / HTTP/1.1";
constexpr std::size_t kChunkEndBytes = 2;  // CRLF after a chunk's data

constexpr SectionRules kChunkSizeRules{
    .has_fields = false,
    .max_start_bytes = kMaxChunkLineBytes,
    .start_too_long = kChunkLineTooLong,
};
constexpr SectionRules kTrailerRules{
    .has_start_line = false,
    .max_field_bytes = kMaxTrailerBytes,
    .max_fields = kMaxHeaderFields,
    .fields_too_long = kTrailersTooLong,
    .too_many_fields = kTooManyTrailers,
};

// What says whose the message is and where it ends has its place in the head alone (RFC 9110 section 6.5.1). A proxy
// that moves trailers into the head would make another request of it.
bool is_framing(std::string_view name) {
  constexpr std::array<std::string_view, 3> kNames{"content-length", "transfer-encoding", "host"};
  return std::ranges::any_of(kNames, [&](auto framing) { return equals_ignoring_case(name, framing); });
}

std::string_view sentence_for(llhttp_errno_t error) {
  switch (error) {
    case HPE_INVALID_URL:
      return "The request target is malformed.";
    case HPE_INVALID_HEADER_TOKEN:
      return "A header field has a byte that must not stand there.";
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      return "Content-Length is given twice, or together with Transfer-Encoding.";
    case HPE_INVALID_CONTENT_LENGTH:
      return "Content-Length is not a number.";
    case HPE_INVALID_TRANSFER_ENCODING:
      return "Transfer-Encoding is not exactly 'chunked'.";
    case HPE_INVALID_CHUNK_SIZE:
      return "A chunk's size is not a hexadecimal number.";
    case HPE_STRICT:
      return "A chunk is malformed, or does not end where its size says.";
    default:
      return "The bytes are not a well-formed HTTP/1.1 message.";
  }
}

}  // namespace

struct MessageReader::Callbacks {
  static constexpr int kGoOn = 0;
  static constexpr int kStop = -1;

  static MessageReader& reader(llhttp_t* llhttp) { return *static_cast<MessageReader*>(llhttp->data); }

  // The name is copied at once: llhttp reports an empty value only with the next line, when the bytes of
  // this one may be gone. Trailers are thrown away: nothing that comes after the body may change what the
  // head said.
  static int on_header_field(llhttp_t* llhttp, const char* at, std::size_t size) {
    auto& self = reader(llhttp);
    if (self.phase_ == Phase::head) self.fields_.add({at, size}, {});
    const bool frames = self.phase_ == Phase::trailers && self.type_ == HTTP_REQUEST && is_framing({at, size});
    return frames && !self.refuse(kFramingTrailer) ? kStop : kGoOn;
  }

  static int on_header_value(llhttp_t* llhttp, const char* at, std::size_t size) {
    auto& self = reader(llhttp);
    if (self.phase_ == Phase::head) self.fields_.set_last_value(trimmed({at, size}));
    return kGoOn;
  }

  static int on_headers_complete(llhttp_t* llhttp) {
    auto& self = reader(llhttp);
    llhttp->upgrade = 0;  // no other protocol is spoken here, whatever the other side offers
    self.head_whole_ = true;
    self.chunked_ = (llhttp->flags & F_CHUNKED) != 0;
    self.content_length_ = (llhttp->flags & F_CONTENT_LENGTH) != 0 ? llhttp->content_length : 0;
    self.after_head_ = self.on_head();
    return self.after_head_ == AfterHead::refused ? kStop : kGoOn;
  }

  static int on_chunk_header(llhttp_t* llhttp) {
    auto& self = reader(llhttp);
    self.chunk_size_ = llhttp->content_length;
    if (self.chunk_size_ == 0) return kGoOn;
    return self.on_chunk_size(self.chunk_size_) ? kGoOn : kStop;
  }

  static int on_body(llhttp_t* llhttp, const char* at, std::size_t size) {
    return reader(llhttp).on_body_bytes({at, size}) ? kGoOn : kStop;
  }

  static int on_message_complete(llhttp_t* llhttp) {
    reader(llhttp).message_whole_ = true;
    return HPE_PAUSED;
  }

  static constexpr llhttp_settings_t settings() {
    llhttp_settings_t settings{};
    settings.on_header_field = on_header_field;
    settings.on_header_value = on_header_value;
    settings.on_headers_complete = on_headers_complete;
    settings.on_chunk_header = on_chunk_header;
    settings.on_body = on_body;
    settings.on_message_complete = on_message_complete;
    return settings;
  }
};

MessageReader::MessageReader(llhttp_type_t type, const SectionRules& head_rules, Fields& fields)
    : type_(type), head_rules_(head_rules), fields_(fields) {}

void MessageReader::begin_message() {
  static constexpr llhttp_settings_t kSettings = Callbacks::settings();
  llhttp_init(&llhttp_, type_, &kSettings);
  llhttp_.data = this;
  fields_.clear();
  fault_ = {};
  content_length_ = 0;
  chunk_overhead_ = 0;
  started_ = start_line_hidden_ = head_whole_ = message_whole_ = chunked_ = body_begun_ = false;
  begin_lines(Phase::head, head_rules_);
}

bool MessageReader::refuse(const Fault& fault) {
  if (phase_ == Phase::failed) return false;
  fault_ = fault;
  phase_ = Phase::failed;
  return false;
}

ReadState MessageReader::state() const {
  switch (phase_) {
    case Phase::done:
      return ReadState::complete;
    case Phase::failed:
      return ReadState::error;
    case Phase::paused:
      return ReadState::head_complete;
    default:
      return ReadState::need_more;
  }
}

ReadStep MessageReader::read(std::string_view bytes) {
  std::size_t taken = 0;
  while (state() == ReadState::need_more && taken < bytes.size()) taken += advance(bytes.substr(taken));
  return {state(), taken};
}

std::size_t MessageReader::advance(std::string_view input) {
  if (phase_ != Phase::head) body_begun_ = true;
  return phase_ == Phase::counted ? read_counted(input) : read_lines(input);
}

// Lines that are whole run first, so that their fault is reported before any fault after them.
std::size_t MessageReader::read_lines(std::string_view input) {
  const LineScan scan = guard_.scan(input);
  if (!run_lines(input.substr(0, scan.lines_end))) return scan.lines_end;
  if (scan.fault) {
    refuse(scan.fault);
    return input.size();
  }
  if (scan.section_end) {
    finish_section();
    return scan.lines_end;
  }
  pending_.append(input.substr(scan.lines_end));
  return input.size();
}

bool MessageReader::run_lines(std::string_view lines) {
  if (lines.empty()) return true;
  if (!pending_.empty()) {
    const std::size_t rest_of_line = lines.find('\n') + 1;
    pending_.append(lines.substr(0, rest_of_line));
    lines.remove_prefix(rest_of_line);
    const bool ok = run_whole(pending_);
    pending_.clear();
    if (!ok) return false;
  }
  return lines.empty() || run_whole(lines);
}

// Whole lines. The blanks that llhttp does not take are rare.
bool MessageReader::run_whole(std::string_view lines) {
  if (phase_ == Phase::chunk_size) {
    return lines.find_first_of(" \t") == lines.npos ? run(lines) : run(plain_chunk_line(lines));
  }
  return lines.find('\t') == lines.npos ? run(lines) : run(plain_field_lines(lines));
}

std::size_t MessageReader::read_counted(std::string_view input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(counted_left_, input.size()));
  if (!run(input.substr(0, size))) return size;
  counted_left_ -= size;
  if (counted_left_ > 0) return size;
  if (chunked_) {
    begin_lines(Phase::chunk_size, kChunkSizeRules);
  } else {
    finish_message();
  }
  return size;
}

bool MessageReader::run(std::string_view bytes) {
  if (phase_ == Phase::head && !started_ && !begin_head(bytes)) return false;
  if (bytes.empty()) return true;
  const llhttp_errno_t error = llhttp_execute(&llhttp_, bytes.data(), bytes.size());
  if (state() != ReadState::need_more) return false;  // a hook refused, or had enough
  if (error == HPE_OK) return true;
  const bool ended_here = llhttp_get_error_pos(&llhttp_) == bytes.data() + bytes.size();
  return (error == HPE_PAUSED && message_whole_ && ended_here) || fail_by_llhttp(error);
}

// The start line is judged here before llhttp sees it. Ignored empty lines before it are taken off.
bool MessageReader::begin_head(std::string_view& lines) {
  while (lines.starts_with("\r\n")) lines.remove_prefix(2);
  if (lines.empty()) return true;
  started_ = true;
  if (!on_start_line(lines.substr(0, guard_.start_line_size()))) return false;
  if (!start_line_hidden_) return true;
  lines.remove_prefix(guard_.start_line_size());
  return llhttp_execute(&llhttp_, kOrdinaryStartLine.data(), kOrdinaryStartLine.size()) == HPE_OK;
}

bool MessageReader::fail_by_llhttp(llhttp_errno_t error) {
  return refuse(malformed(sentence_for(error)));
}

void MessageReader::begin_lines(Phase phase, const SectionRules& rules) {
  phase_ = phase;
  clear_to(pending_, kMaxLineKept);
  guard_.begin(rules);
}

void MessageReader::finish_section() {
  if (phase_ == Phase::head) return finish_head();
  if (phase_ == Phase::chunk_size) return finish_chunk_size();
  finish_message();
}

void MessageReader::finish_head() {
  if (!head_whole_) {
    refuse(malformed("The end of the header section is ambiguous."));
  } else if (after_head_ == AfterHead::pause) {
    phase_ = Phase::paused;
  } else {
    read_body();
  }
}

void MessageReader::read_body() {
  EXPOSEE_ASSERT(head_whole_, "a body is read after its head");
  if (message_whole_) {
    phase_ = Phase::done;
  } else if (chunked_) {
    begin_lines(Phase::chunk_size, kChunkSizeRules);
  } else {
    counted_left_ = content_length_;
    phase_ = Phase::counted;
  }
}

void MessageReader::finish_chunk_size() {
  chunk_overhead_ += guard_.start_line_size() - std::min(guard_.start_line_size(), kOrdinaryChunkLineBytes);
  if (chunk_overhead_ > kMaxChunkExtensionBytes) {
    refuse(malformed("The chunks carry too many extensions."));
  } else if (chunk_size_ == 0) {
    begin_lines(Phase::trailers, kTrailerRules);
  } else if (chunk_size_ > std::numeric_limits<std::uint64_t>::max() - kChunkEndBytes) {
    refuse(malformed("The chunk size is too large."));
  } else {
    counted_left_ = chunk_size_ + kChunkEndBytes;
    phase_ = Phase::counted;
  }
}

void MessageReader::finish_message() {
  if (message_whole_) {
    phase_ = Phase::done;
  } else {
    refuse(malformed("The end of the message is ambiguous."));
  }
}

}  // namespace exposee::http

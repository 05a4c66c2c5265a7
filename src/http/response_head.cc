#include "http/response_head.h"

#include <algorithm>

#include "core/text/ascii.h"
#include "http/grammar.h"
#include "http/limits.h"

namespace exposee::http {
namespace {

constexpr std::string_view kBegin = "HTTP/1.";
constexpr std::string_view kNotAResponse = "The response does not begin with 'HTTP/1.1' and a status.";
constexpr std::string_view kTooLong = "The response's head is larger than 16 KiB.";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_control(char c) {
  return find_control(&c, &c + 1) == &c;
}

// Of a line without its LF.
bool is_empty_line(std::string_view line) {
  return line.find_first_not_of('\r') == line.npos;
}

}  // namespace

void ResponseHead::clear() {
  raw_.clear();
  kept_ = size_ = 0;
  line_is_empty_ = true;
  started_ = may_fold_ = irregular_ = false;
  state_ = ReadState::need_more;
  fault_ = {};
  status_ = 0;
  minor_version_ = 1;
  reason_.clear();
  fields_.clear();
}

std::size_t ResponseHead::feed(std::string_view bytes) {
  kept_ = 0;
  if (!begins_well(bytes)) return bytes.size();
  const auto within = std::min(bytes.size(), kMaxResponseHeadBytes - size_);
  const auto end = find_end(bytes.substr(0, within));
  if (state_ == ReadState::error) return bytes.size();
  if (end == std::string_view::npos) {
    if (within < bytes.size()) return refuse(kTooLong), bytes.size();
    text_to(bytes, bytes.size());
    if (raw_.empty()) raw_ = bytes;
    size_ += bytes.size();
    return bytes.size();
  }
  read_fields(text_to(bytes, end));
  size_ += end;
  state_ = ReadState::complete;
  return end;
}

// Told at the first wrong byte: a receiver that speaks another protocol may never end its line.
bool ResponseHead::begins_well(std::string_view bytes) {
  for (std::size_t at = size_; at < std::min(kBegin.size(), size_ + bytes.size()); ++at) {
    if (bytes[at - size_] != kBegin[at]) return refuse(kNotAResponse), false;
  }
  return true;
}

// Bytes of the piece up to and including the empty line; npos: it has not come. The start line is read on the
// way.
std::size_t ResponseHead::find_end(std::string_view bytes) {
  std::size_t at = 0;
  while (true) {
    const auto feed = bytes.find('\n', at);
    const bool empty = line_is_empty_ && is_empty_line(bytes.substr(at, feed - std::min(at, feed)));
    if (feed == bytes.npos) {
      line_is_empty_ = empty;
      return feed;
    }
    line_is_empty_ = true;
    at = feed + 1;
    if (started_) {
      if (empty) return at;
    } else if (started_ = true; !read_start_line(text_to(bytes, at))) {
      return bytes.npos;
    }
  }
}

// What came of the head, up to that place of the piece at hand.
std::string_view ResponseHead::text_to(std::string_view bytes, std::size_t end) {
  if (raw_.empty()) return bytes.substr(0, end);
  raw_.append(bytes.substr(kept_, end - kept_));
  kept_ = end;
  return raw_;
}

// RFC 9112 section 4. Also without the space after the number, which many servers leave out with the reason.
bool ResponseHead::read_start_line(std::string_view text) {
  constexpr std::size_t kDigits = 3;
  auto line = take_line(text);
  const auto version_end = kBegin.size() + 1;
  if (line.size() < version_end || !is_digit(line[version_end - 1])) return refuse(kNotAResponse), false;
  minor_version_ = line[version_end - 1] == '0' ? 0 : 1;
  line.remove_prefix(version_end);
  const auto number = std::find_if_not(line.begin(), line.end(), is_blank) - line.begin();
  irregular_ |= number != 1 || line[0] != ' ';
  line.remove_prefix(static_cast<std::size_t>(number));
  const auto digits = std::find_if_not(line.begin(), line.end(), is_digit) - line.begin();
  if (number == 0 || digits != kDigits || line[0] == '0') return refuse(kNotAResponse), false;
  status_ = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  line.remove_prefix(kDigits);
  irregular_ |= !line.empty() && line[0] != ' ';
  reason_ = line.starts_with(' ') ? line.substr(1) : line;
  return true;
}

void ResponseHead::read_fields(std::string_view head) {
  head.remove_prefix(head.find('\n') + 1);
  while (!head.empty()) {
    const auto line = take_line(head);
    if (!line.empty()) read_field(line);
  }
}

// Without its end.
std::string_view ResponseHead::take_line(std::string_view& head) {
  const char* end = head.data() + head.size();
  const char* stop = find_control(head.data(), end);
  if (end - stop < 2 || stop[0] != '\r' || stop[1] != '\n') return take_odd_line(head);
  const auto size = static_cast<std::size_t>(stop - head.data());
  const auto line = head.substr(0, size);
  head.remove_prefix(size + 2);
  return line;
}

// One that ends by LF alone, or holds control bytes.
std::string_view ResponseHead::take_odd_line(std::string_view& head) {
  irregular_ = true;
  const auto feed = head.find('\n');
  odd_line_ = head.substr(0, feed);
  head.remove_prefix(feed + 1);
  odd_line_.erase(odd_line_.find_last_not_of('\r') + 1);
  std::replace_if(odd_line_.begin(), odd_line_.end(), is_control, ' ');
  return odd_line_;
}

void ResponseHead::read_field(std::string_view line) {
  if (is_blank(line[0])) return fold(line);
  const auto colon = line.find(':');
  may_fold_ = colon != 0 && colon != line.npos;
  if (!may_fold_) {
    irregular_ = true;
    return;
  }
  const auto name = line.substr(0, colon);
  irregular_ |= is_blank(name.back());
  fields_.add(trimmed(name), trimmed(line.substr(colon + 1)));
}

// RFC 9112 section 5.2: the line goes on where the one before it ended, after a space.
void ResponseHead::fold(std::string_view line) {
  irregular_ = true;
  const auto more = trimmed(line);
  if (may_fold_ && !more.empty()) fields_.extend_last_value(more);
}

void ResponseHead::refuse(std::string_view sentence) {
  state_ = ReadState::error;
  fault_ = sentence;
}

}  // namespace exposee::http

#include "json/scan.h"

#include <set>

#include "core/text/ascii.h"
#include "core/text/text.h"

namespace exposee {
namespace {

constexpr std::size_t kSafeDigits = 18;  // any number written with this many characters and no exponent fits

// As long as the shortest number with an exponent, and no number that anything here accepts.
constexpr std::string_view kNotWhole = "0.5";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void append_utf8(std::uint32_t c, std::string& out) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(12), tail(6), tail(0);
  }
}

// Recursive descent, one call per level, never deeper than kMaxJsonDepth. Every step gives back whether to go
// on; the first fault is kept.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), tamed_(text) {}

  JsonScan run() {
    if (check_utf8() && skip_blanks() && value(0)) {
      skip_blanks();
      if (at_ < text_.size()) fail(at_, "Extra data");
    }
    return {std::move(fault_), std::move(tamed_)};
  }

 private:
  bool fail(std::size_t byte, std::string message) {
    std::size_t chars = 0;
    for (std::size_t i = 0; i < byte; ++i) chars += (static_cast<unsigned char>(text_[i]) & 0xC0) != 0x80;
    fault_ = JsonFault{chars, std::move(message)};
    return false;
  }

  bool check_utf8() {
    if (is_valid_utf8(text_)) return true;
    std::size_t at = 0;
    while (const std::size_t size = valid_char_at(at)) at += size;
    return fail(at, "Invalid UTF-8");
  }

  // Bytes of the character that begins here; 0 when there is none.
  std::size_t valid_char_at(std::size_t at) const {
    for (std::size_t size = 1; size <= 4 && at + size <= text_.size(); ++size) {
      if (is_valid_utf8(text_.substr(at, size))) return size;
    }
    return 0;
  }

  bool skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    return true;
  }
  bool is_at(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool value(std::size_t depth) {
    if (is_at('"')) return string(nullptr);
    if (is_at('{') || is_at('[')) {
      if (depth == kMaxJsonDepth) return fail(at_, "Nested too deeply: 64 levels are allowed");
      return is_at('{') ? object(depth + 1) : array(depth + 1);
    }
    for (const std::string_view word : {"null", "true", "false"}) {
      if (text_.substr(at_).starts_with(word)) return at_ += word.size(), true;
    }
    return number();
  }

  bool object(std::size_t depth) {
    ++at_;
    skip_blanks();
    if (is_at('}')) return ++at_, true;
    std::set<std::string> keys;
    while (true) {
      if (!member(depth, keys)) return false;
      skip_blanks();
      if (is_at('}')) return ++at_, true;
      if (!is_at(',')) return fail(at_, "Expecting ',' delimiter");
      ++at_;
      skip_blanks();
    }
  }

  bool member(std::size_t depth, std::set<std::string>& keys) {
    const std::size_t begin = at_;
    if (!is_at('"')) return fail(at_, "Expecting property name enclosed in double quotes");
    std::string key;
    if (!string(&key)) return false;
    if (!keys.insert(std::move(key)).second) return fail(begin, "Duplicate key");
    skip_blanks();
    if (!is_at(':')) return fail(at_, "Expecting ':' delimiter");
    ++at_;
    skip_blanks();
    return value(depth);
  }

  bool array(std::size_t depth) {
    ++at_;
    skip_blanks();
    if (is_at(']')) return ++at_, true;
    while (true) {
      if (!value(depth)) return false;
      skip_blanks();
      if (is_at(']')) return ++at_, true;
      if (!is_at(',')) return fail(at_, "Expecting ',' delimiter");
      ++at_;
      skip_blanks();
    }
  }

  // Appends the decoded text to `decoded`, when it is asked for.
  bool string(std::string* decoded) {
    const std::size_t begin = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') return ++at_, true;
      if (static_cast<unsigned char>(c) < 0x20) return fail(at_, "Invalid control character at");
      if (c == '\\') {
        if (at_ + 1 >= text_.size()) break;
        if (!escape(decoded)) return false;
        continue;
      }
      if (decoded) *decoded += c;
      ++at_;
    }
    return fail(begin, "Unterminated string starting at");
  }

  bool escape(std::string* decoded) {
    constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = text_[at_ + 1];
    if (letter == 'u') return unicode_escape(decoded);
    const auto known = kLetters.find(letter);
    if (known == kLetters.npos) return fail(at_, "Invalid \\escape");
    if (decoded) *decoded += kMeanings[known];
    at_ += 2;
    return true;
  }

  // The unit of "\uXXXX" at `at`; -1 when there is none, or nothing after it: not even the quote that ends
  // the text.
  long unit_at(std::size_t at) const {
    if (at + 6 >= text_.size() || text_[at] != '\\' || text_[at + 1] != 'u') return -1;
    long unit = 0;
    for (std::size_t i = at + 2; i < at + 6; ++i) {
      const int digit = hex_value(text_[i]);
      if (digit < 0) return -1;
      unit = unit * 16 + digit;
    }
    return unit;
  }

  bool unicode_escape(std::string* decoded) {
    const long unit = unit_at(at_);
    if (unit < 0) return fail(at_ + 1, "Invalid \\uXXXX escape");
    std::uint32_t c = static_cast<std::uint32_t>(unit);
    std::size_t size = 6;
    if (c >= 0xD800 && c <= 0xDFFF) {
      const long low = c < 0xDC00 ? unit_at(at_ + 6) : -1;
      if (low < 0xDC00 || low > 0xDFFF) return fail(at_, "Lone surrogate");
      c = 0x10000 + ((c - 0xD800) << 10) + (static_cast<std::uint32_t>(low) - 0xDC00);
      size = 12;
    }
    if (decoded) append_utf8(c, *decoded);
    at_ += size;
    return true;
  }

  std::size_t digits_from(std::size_t at) const {
    while (at < text_.size() && is_digit(text_[at])) ++at;
    return at;
  }

  // What cannot belong to the number is left for the caller: "01" is 0 and a missing delimiter.
  bool number() {
    std::size_t at = at_ + (is_at('-') ? 1 : 0);
    if (at >= text_.size() || !is_digit(text_[at])) return fail(at_, "Expecting value");
    at = text_[at] == '0' ? at + 1 : digits_from(at);
    if (at + 1 < text_.size() && text_[at] == '.' && is_digit(text_[at + 1])) at = digits_from(at + 1);
    const std::size_t mantissa_end = at;
    at = exponent_end(at);
    tame(at, at != mantissa_end);
    at_ = at;
    return true;
  }

  // `at` itself when no exponent begins there.
  std::size_t exponent_end(std::size_t at) const {
    if (at >= text_.size() || (text_[at] != 'e' && text_[at] != 'E')) return at;
    std::size_t digits = at + 1;
    if (digits < text_.size() && (text_[digits] == '+' || text_[digits] == '-')) ++digits;
    const std::size_t end = digits_from(digits);
    return end == digits ? at : end;
  }

  void tame(std::size_t end, bool has_exponent) {
    const std::size_t size = end - at_;
    if (size <= kSafeDigits && !has_exponent) return;
    tamed_.replace(at_, size, size, ' ');
    tamed_.replace(at_, kNotWhole.size(), kNotWhole);
  }

  std::string_view text_;
  std::string tamed_;
  std::size_t at_ = 0;
  std::optional<JsonFault> fault_;
};

}  // namespace

JsonScan scan_json(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace exposee

#include "http/blanks.h"

#include <algorithm>

#include "http/grammar.h"

namespace exposee::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Takes the rules of a grammar off the front of a text.
class Taker {
 public:
  explicit Taker(std::string_view text) : left_(text) {}

  bool at_end() const { return left_.empty(); }
  std::string_view while_true(bool (*is)(char)) {
    const auto end = std::ranges::find_if_not(left_, is);
    return take(static_cast<std::size_t>(end - left_.begin()));
  }
  bool one(char c) {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }
  // As `one`, with blanks around it; nothing is taken when it is not there.
  bool blank_one_blank(char c) {
    const auto before = left_;
    while_true(is_blank);
    if (one(c)) return while_true(is_blank), true;
    left_ = before;
    return false;
  }
  bool token() {
    return !while_true([](char c) { return is_token({&c, 1}); }).empty();
  }
  bool quoted() {
    if (!one('"')) return false;
    while (!left_.empty() && left_.front() != '"') left_.remove_prefix(std::min(left_.size(), width()));
    return one('"');
  }

 private:
  std::size_t width() const { return left_.front() == '\\' ? 2 : 1; }  // of a byte or a quoted pair
  std::string_view take(std::size_t size) {
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
};

// *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
bool are_extensions(Taker& taker) {
  while (taker.blank_one_blank(';')) {
    if (!taker.token()) return false;
    if (taker.blank_one_blank('=') && !taker.token() && !taker.quoted()) return false;
  }
  return taker.at_end();
}

}  // namespace

std::string plain_field_lines(std::string_view lines) {
  std::string plain(lines);
  for (auto end = plain.find(kLineEnd); end != plain.npos;
       end = plain.find(kLineEnd, end + kLineEnd.size())) {
    for (auto at = end; at > 0 && is_blank(plain[at - 1]); --at) plain[at - 1] = ' ';
  }
  return plain;
}

std::string plain_chunk_line(std::string_view line) {
  Taker taker(line.substr(0, line.size() - kLineEnd.size()));
  const auto size = taker.while_true(is_hex);
  const bool exact = line.ends_with(kLineEnd) && !size.empty() && are_extensions(taker);
  return exact ? std::string(size).append(kLineEnd) : std::string(line);
}

}  // namespace exposee::http

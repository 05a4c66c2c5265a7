#include "core/url/url_target.h"

#include <vector>

#include "core/text/text.h"

namespace exposee {
namespace {

// The URL standard's percent-encode sets, beside controls and what is not ASCII. ('^' in a path came to the
// standard late; it stays as written, as integrators know it.)
constexpr std::string_view kEncodedInPath = " \"#<>?`{}";
constexpr std::string_view kEncodedInQuery = " \"#<>'";

void append_encoded(std::string_view text, std::string_view encoded_set, std::string& out) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && encoded_set.find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
}

// How many dots the segment is, when it is nothing but one or two, each perhaps as %2e; else 0.
int dots_of(std::string_view segment) {
  constexpr std::string_view kEncodedDot = "%2e";
  int dots = 0;
  while (!segment.empty()) {
    if (++dots > 2) return 0;
    if (segment.front() == '.') {
      segment.remove_prefix(1);
    } else if (ascii_lower_case(segment.substr(0, kEncodedDot.size())) == kEncodedDot) {
      segment.remove_prefix(kEncodedDot.size());
    } else {
      return 0;
    }
  }
  return dots;
}

// `path` without its first slash. The URL standard's "path state".
std::vector<std::string_view> resolve_dots(std::string_view path) {
  std::vector<std::string_view> segments;
  for (bool last = false; !last;) {
    const auto slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    last = slash == std::string_view::npos;
    if (!last) path.remove_prefix(slash + 1);
    const int dots = dots_of(segment);
    if (dots == 2 && !segments.empty()) segments.pop_back();
    if (dots == 0) segments.push_back(segment);
    if (dots != 0 && last) segments.push_back({});  // "/a/." is "/a/"
  }
  return segments;
}

}  // namespace

std::string normal_target(std::string_view written) {
  const auto question = written.find('?');
  std::string_view path = written.substr(0, question);
  if (path.starts_with('/')) path.remove_prefix(1);
  std::string target;
  for (const auto segment : resolve_dots(path)) {
    target += '/';
    append_encoded(segment, kEncodedInPath, target);
  }
  if (question != std::string_view::npos) {
    target += '?';
    append_encoded(written.substr(question + 1), kEncodedInQuery, target);
  }
  return target;
}

}  // namespace exposee

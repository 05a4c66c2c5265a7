#include "http/response_framing.h"

#include <charconv>
#include <optional>

#include "core/text/ascii.h"
#include "http/grammar.h"

namespace exposee::http {
namespace {

// Calls `see` with each element of the lists in all fields of that name (RFC 9110 section 5.3).
template <class See>
void for_each_element(const Fields& fields, std::string_view name, See&& see) {
  for (const auto& [field, value] : fields) {
    if (!equals_ignoring_case(field, name)) continue;
    for (auto list = value;;) {
      const auto comma = list.find(',');
      see(trimmed(list.substr(0, comma)));
      if (comma == list.npos) break;
      list.remove_prefix(comma + 1);
    }
  }
}

std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, length);
  return error == std::errc{} && stop == end ? std::optional(length) : std::nullopt;
}

// The length that all elements agree on.
std::optional<std::uint64_t> common_length(const Fields& fields) {
  std::optional<std::uint64_t> common;
  bool agree = true;
  for_each_element(fields, "content-length", [&](std::string_view text) {
    const auto length = parse_length(text);
    agree = agree && length && (!common || common == length);
    common = length;
  });
  return agree ? common : std::nullopt;
}

ResponseFraming by_length(const HeadFacts& facts, const Fields& fields) {
  if (facts.lengths == 1) {
    if (const auto length = parse_length(facts.length)) return {BodyEnd::counted, *length};
  }
  const auto length = common_length(fields);
  return length ? ResponseFraming{BodyEnd::counted, *length, false} : ResponseFraming{.certain = false};
}

// Named by the last coding but `identity`, which is none.
ResponseFraming by_coding(const HeadFacts& facts, const Fields& fields, int minor_version) {
  std::string_view last;
  for_each_element(fields, "transfer-encoding", [&](std::string_view coding) {
    if (!equals_ignoring_case(coding, "identity")) last = coding;
  });
  if (equals_ignoring_case(last, "chunked")) {
    return {BodyEnd::chunked, 0, !framing_fault(facts, minor_version)};
  }
  if (!last.empty() || facts.lengths == 0) return {.certain = false};
  auto counted = by_length(facts, fields);
  counted.certain = false;
  return counted;
}

}  // namespace

ResponseFraming response_framing(const HeadFacts& facts, const Fields& fields, int minor_version) {
  if (facts.codings > 0) return by_coding(facts, fields, minor_version);
  if (facts.lengths > 0) return by_length(facts, fields);
  return {};
}

}  // namespace exposee::http

#include "api/wire/weights.h"

#include <cstddef>

#include "core/text/ascii.h"
#include "http/grammar.h"

namespace exposee::api {
namespace {

constexpr std::size_t kMaxDecimals = 3;

// Takes the part up to `mark` away, blanks at its ends dropped.
std::string_view take_part(std::string_view& rest, char mark) {
  const auto end = rest.find(mark);
  const auto part = trimmed(rest.substr(0, end));
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return part;
}

// "1", "0.5", "0.", "1.000": qvalue.
int read_weight(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
  int weight = text[0] == '1' ? kFullWeight : 0;
  if (text.size() == 1) return weight;
  if (text[1] != '.' || text.size() > 2 + kMaxDecimals) return 0;
  int unit = kFullWeight / 10;
  for (const char c : text.substr(2)) {
    if (c < '0' || c > '9') return 0;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return weight <= kFullWeight ? weight : 0;
}

// Of one item, whose name was taken away.
int weight_in(std::string_view parameters) {
  while (!parameters.empty()) {
    auto value = take_part(parameters, ';');
    const auto name = take_part(value, '=');
    if (http::equals_ignoring_case(name, "q")) return read_weight(trimmed(value));
  }
  return kFullWeight;
}

}  // namespace

std::optional<int> weight_of(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    auto item = take_part(list, ',');
    if (http::equals_ignoring_case(take_part(item, ';'), name)) return weight_in(item);
  }
  return std::nullopt;
}

bool prefers_coding(std::string_view accept_encoding, std::string_view coding) {
  auto weight = weight_of(accept_encoding, coding);
  if (!weight) weight = weight_of(accept_encoding, "*");
  // As it is, a body is always taken; its weight counts only against the coding's when it was given.
  return weight && *weight > 0 && *weight >= weight_of(accept_encoding, "identity").value_or(0);
}

}  // namespace exposee::api

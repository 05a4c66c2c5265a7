#include "core/event_type.h"

#include <fmt/format.h>

#include <algorithm>

namespace exposee {
namespace {

constexpr std::string_view kEverything = "*";
constexpr std::string_view kBelow = ".*";

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

std::string words_for(char c) {
  if (c == ' ') return "a space";
  return c > ' ' && c < 0x7F ? fmt::format("'{}'", c) : "another character";
}

Error invalid(std::string message) {
  return Error{ErrorCode::invalid, std::move(message), {}};
}

}  // namespace

bool is_built_in(std::string_view type_name) {
  return std::ranges::find(kBuiltInTypes, type_name, &BuiltInType::name) != kBuiltInTypes.end();
}

Result<void> check_type_name(std::string_view name) {
  if (name.empty()) return invalid("The name of an event type must not be empty");
  if (name.size() > kMaxTypeNameBytes) {
    return invalid(fmt::format("The name of an event type has at most {} bytes, not {}", kMaxTypeNameBytes,
                               name.size()));
  }
  const auto wrong = std::ranges::find_if_not(name, is_name_character);
  if (wrong != name.end()) {
    return invalid(
        fmt::format("'{}' must consist of lower-case letters, digits, '_', '-' and dots; {} is at "
                    "position {}",
                    name, words_for(*wrong), wrong - name.begin() + 1));
  }
  if (name.front() == '.' || name.back() == '.' || name.find("..") != std::string_view::npos) {
    return invalid(fmt::format("'{}' has an empty segment: a dot must stand between two segments", name));
  }
  return {};
}

Result<void> check_pattern(std::string_view pattern) {
  if (pattern == kEverything) return {};
  if (pattern.ends_with(kBelow)) pattern.remove_suffix(kBelow.size());
  if (pattern.find('*') != std::string_view::npos) {
    return invalid(
        fmt::format("'{}': '*' may only stand alone or as the last segment, as in order.*", pattern));
  }
  return check_type_name(pattern);
}

bool matches(std::string_view pattern, std::string_view type_name) {
  if (pattern == kEverything) return true;
  if (!pattern.ends_with(kBelow)) return pattern == type_name;
  pattern.remove_suffix(1);  // the dot stays: 'invoice.' begins everything below invoice
  return type_name.size() > pattern.size() && type_name.starts_with(pattern);
}

std::vector<std::string> covering(std::string_view name_or_pattern) {
  std::vector<std::string> all{std::string(name_or_pattern)};
  for (auto dot = name_or_pattern.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = name_or_pattern.rfind('.', dot - 1)) {
    auto wider = std::string(name_or_pattern.substr(0, dot)).append(kBelow);
    if (wider != name_or_pattern) all.push_back(std::move(wider));
  }
  if (name_or_pattern != kEverything) all.emplace_back(kEverything);
  return all;
}

}  // namespace exposee

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

Error invalid(std::string message) {
  return Error{ErrorCode::invalid, std::move(message),
               "A name looks like 'user_registered' or 'invoice.paid': lower-case letters, digits, '_', '-' "
               "and dots."};
}

}  // namespace

Result<void> check_type_name(std::string_view name) {
  if (name.empty()) return invalid("An event type's name is empty");
  if (name.size() > kMaxTypeNameBytes) {
    return invalid(fmt::format("An event type's name has {} bytes; at most {} are allowed", name.size(),
                               kMaxTypeNameBytes));
  }
  const auto wrong = std::ranges::find_if_not(name, is_name_character);
  if (wrong != name.end()) {
    return invalid(fmt::format("Event type '{}' has a character at position {} that names may not have", name,
                               wrong - name.begin() + 1));
  }
  if (name.front() == '.' || name.back() == '.' || name.find("..") != std::string_view::npos) {
    return invalid(fmt::format("Event type '{}' has an empty segment: dots stand between segments", name));
  }
  return {};
}

Result<void> check_pattern(std::string_view pattern) {
  if (pattern == kEverything) return {};
  if (pattern.ends_with(kBelow)) pattern.remove_suffix(kBelow.size());
  if (pattern.find('*') != std::string_view::npos) {
    return invalid(fmt::format("In '{}' a '*' stands elsewhere than alone or after the last dot", pattern));
  }
  return check_type_name(pattern);
}

bool matches(std::string_view pattern, std::string_view type_name) {
  if (pattern == kEverything) return true;
  if (!pattern.ends_with(kBelow)) return pattern == type_name;
  pattern.remove_suffix(1);  // the dot stays: 'invoice.' begins everything below invoice
  return type_name.size() > pattern.size() && type_name.starts_with(pattern);
}

}  // namespace exposee

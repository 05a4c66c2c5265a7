// Names of event types and the patterns endpoints subscribe by. Values only; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace exposee {

constexpr std::size_t kMaxTypeNameBytes = 128;  // it travels in a header and a label

// The contract's two. They always exist, have the numbers 1 and 2 in this order, and cannot be removed.
struct BuiltInType {
  std::string_view name, description;
};
constexpr std::array<BuiltInType, 2> kBuiltInTypes{{
    {"user_registered", "A new user is registered"},
    {"user_send_message", "A user sends a message to another user"},
}};
bool is_built_in(std::string_view type_name);

// A name is dot-separated segments of letters (a to z: it travels in a header), digits, '_' and '-'; a name
// that is an identifier (core/text/text.h) also works through the contract's calls. Error: invalid, saying which
// rule.
Result<void> check_type_name(std::string_view name);

// A pattern is a name, `prefix.*` (everything below prefix, at any depth, not prefix itself) or `*`
// (everything). Error: invalid, saying which rule.
Result<void> check_pattern(std::string_view pattern);
// Both must have passed their check. In place of a name a second pattern may stand: whether the first matches all that
// the second does. Two patterns match nothing in common, or one of them matches all that the other does.
bool matches(std::string_view pattern, std::string_view type_name);
// Every pattern that matches the name, or all that the pattern does: itself first, then ever wider ones. At most one
// more than it has segments, and one.
std::vector<std::string> covering(std::string_view name_or_pattern);

}  // namespace exposee

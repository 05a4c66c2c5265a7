#include "cli/arguments.h"

#include <algorithm>

#include "core/assert.h"

namespace exposee::cli {

Arguments::Arguments(const Command& command) {
  for (const Argument& argument : command.arguments) entries_.push_back({argument.name, {}, {}});
  for (const Option& option : command.options) entries_.push_back({option.name, option.fallback, {}});
}

const Arguments::Entry* Arguments::find(std::string_view name) const {
  const auto found = std::ranges::find(entries_, name, &Entry::name);
  return found == entries_.end() ? nullptr : &*found;
}

const Arguments::Entry& Arguments::entry(std::string_view name) const {
  const Entry* const found = find(name);
  EXPOSEE_ASSERT(found != nullptr, "a command asks only for what its row has");
  return *found;
}

bool Arguments::knows(std::string_view name) const {
  return find(name) != nullptr;
}

bool Arguments::has(std::string_view name) const {
  return !entry(name).values.empty();
}

std::string Arguments::text(std::string_view name) const {
  const Entry& said = entry(name);
  return said.values.empty() ? std::string(said.fallback) : said.values.front();
}

std::optional<std::string> Arguments::value(std::string_view name) const {
  const auto& said = entry(name).values;
  return said.empty() ? std::nullopt : std::optional(said.front());
}

const std::vector<std::string>& Arguments::values(std::string_view name) const {
  return entry(name).values;
}

void Arguments::say(std::string_view name, std::vector<std::string> values) {
  const_cast<Entry&>(entry(name)).values = std::move(values);
}

}  // namespace exposee::cli

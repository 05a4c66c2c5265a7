// What was said on the command line, by the names that the command's row has: "--json", "EVENT". Asking for a
// name that the row does not have is a programmer's error. A value; one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"

namespace exposee::cli {

class Arguments {
 public:
  explicit Arguments(const Command& command);

  bool knows(std::string_view name) const;  // whether the row has it, said or not
  bool has(std::string_view name) const;    // a flag that was given, or at least one value
  // The value said, else the row's fallback, else empty.
  std::string text(std::string_view name) const;
  std::optional<std::string> value(std::string_view name) const;  // as said; no fallback
  const std::vector<std::string>& values(std::string_view name) const;

  void say(std::string_view name, std::vector<std::string> values);

 private:
  struct Entry {
    std::string_view name, fallback;
    std::vector<std::string> values;
  };
  const Entry* find(std::string_view name) const;
  const Entry& entry(std::string_view name) const;

  std::vector<Entry> entries_;
};

}  // namespace exposee::cli

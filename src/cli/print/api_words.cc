#include "cli/print/api_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/client/fields.h"
#include "core/text/fill_in.h"

namespace exposee::cli {
namespace {

// Parameters and members that a command calls otherwise than by their own name.
struct NameRow {
  std::string_view api, argument;
};
constexpr std::array kNames = {
    NameRow{"event_filter", "EVENT"},
    NameRow{"idempotency-key", "--idempotency-key"},  // before the next one, whose replacement it would find
    NameRow{"Idempotency-Key", "--idempotency-key"},
};

constexpr std::string_view kServer =
    "--url";  // of every command: that of the server, and no member of a call

// Words of sentences; the second is what stands for them.
struct WordRow {
  std::string_view api, command;
};
constexpr std::array kWords = {
    WordRow{"Value error, ", ""},
    WordRow{"a next_cursor of this list", "a cursor that this list ended with"},
    WordRow{" after the seconds in Retry-After", " in a second"},
};

std::string in_capitals(std::string_view name) {
  std::string capitals(name);
  for (char& c : capitals) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return capitals;
}

std::string flag_named(std::string_view name) {
  std::string flag = fmt::format("--{}", name);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

void add_sentence(std::string& text, std::string sentence) {
  if (sentence.empty()) return;
  if (!text.empty()) text += ' ';
  text += sentence;
  if (!text.ends_with('.') && !text.ends_with('?')) text += '.';
}

// "--endpoint must be …", "URL: the scheme is missing"
void add_fault(std::string& text, std::string_view name, const std::string& message,
               const Arguments& arguments) {
  const bool goes_on = message.starts_with("must ") || message.starts_with("is ");
  const std::string said = in_command_words(message, arguments);
  if (name.empty()) return add_sentence(text, said);
  add_sentence(text, fmt::format("{}{} {}", argument_named(name, arguments), goes_on ? "" : ":", said));
}

// The member or parameter of "/query/status", "/events/0".
std::string_view name_in(std::string_view pointer) {
  constexpr std::string_view kQuery = "/query/";
  if (pointer.starts_with(kQuery)) return pointer.substr(kQuery.size());
  if (pointer.starts_with('/')) pointer.remove_prefix(1);
  return pointer.substr(0, pointer.find('/'));
}

void add_contract_faults(std::string& text, const JsonElement& body, const Arguments& arguments) {
  each_item(body["detail"], [&](const JsonElement& fault) {
    std::string place;
    each_item(fault["loc"], [&](const JsonElement& part) { place = text_of(part); });
    add_fault(text, place, text_at(fault, "msg"), arguments);
  });
}

}  // namespace

std::string argument_named(std::string_view name, const Arguments& arguments) {
  const auto row = std::ranges::find(kNames, name, &NameRow::api);
  if (row != kNames.end() && arguments.knows(row->argument)) return std::string(row->argument);
  if (auto argument = in_capitals(name); arguments.knows(argument)) return argument;
  if (auto flag = flag_named(name); arguments.knows(flag) && flag != kServer) return flag;
  return std::string(name);
}

std::string in_command_words(std::string text, const Arguments& arguments) {
  for (const auto& row : kWords) fill_in(text, row.api, row.command);
  for (const auto& row : kNames) {
    if (arguments.knows(row.argument)) fill_in(text, row.api, row.argument);
  }
  return text;
}

std::string sentence_of(const JsonElement& body, const Arguments& arguments) {
  std::string text;
  each_item(body["errors"], [&](const JsonElement& fault) {
    add_fault(text, name_in(text_at(fault, "pointer")), text_at(fault, "message"), arguments);
  });
  add_contract_faults(text, body, arguments);
  if (text.empty()) add_sentence(text, in_command_words(text_at(body, "detail"), arguments));
  if (text.empty()) add_sentence(text, text_at(body, "title"));
  return text;
}

}  // namespace exposee::cli

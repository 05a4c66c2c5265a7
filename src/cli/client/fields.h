// Reading the JSON of a server's replies, forgivingly: what is missing is empty. Texts come from
// receivers and strangers, so all of them are made printable: valid UTF-8 without the control characters that a
// terminal would obey. Elements belong to the thread's parser until the next read (json/read.h).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "cli/client/failure.h"
#include "json/read.h"

namespace exposee::cli {

std::optional<JsonElement> read_object(std::string_view json);
// The failure says that this is hardly an Exposee server.
std::expected<JsonElement, Failure> expect_object(std::string_view json);
// An object that has the member: nothing else passes for the server's word that something was done.
std::expected<JsonElement, Failure> expect_reply(std::string_view json, std::string_view member);

// Of a member; a number is its digits; null and what is missing are empty.
std::string text_at(const JsonElement& object, std::string_view name);
std::int64_t number_at(const JsonElement& object, std::string_view name);  // 0 when it is none
bool truth_at(const JsonElement& object, std::string_view name);

std::string text_of(const JsonElement& element);

// `found`: object["name"]; nothing happens when it is not an array.
template <class Found, class Take>
void each_item(const Found& found, Take take) {
  const auto items = found.get_array();
  if (items.error()) return;
  for (const auto item : items.value_unsafe()) take(item);
}

// Control characters (C0, DEL, C1) become spaces, bytes that are not UTF-8 become U+FFFD.
std::string printable(std::string_view text);

// The value of a member of the object that is the whole text, exactly as written; "null" when it is missing.
std::string_view raw_at(std::string_view json, const JsonElement& object, std::string_view name);

}  // namespace exposee::cli

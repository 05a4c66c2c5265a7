// JSON text that came in, read with simdjson. Everything is validated (the DOM pass looks at every byte):
// UTF-8, lone surrogates, trailing bytes; duplicate keys and depth are checked on top. The same text is never
// written again: where a value is kept, it is the slice of the bytes received. Elements belong to a parser of
// the thread and are valid until its next read_json().
#pragma once

#include <simdjson.h>

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "json/scan.h"

namespace exposee {

using JsonElement = simdjson::dom::element;
using JsonObject = simdjson::dom::object;

// A UTF-8 byte order mark at the beginning is allowed and means nothing; offsets count after it.
std::string_view without_bom(std::string_view text);

// `text`: without_bom(). A number that fits neither 64 bits nor a double is read as 0.5:
// no whole number, so that none is taken for another one.
std::expected<JsonElement, JsonFault> read_json(std::string_view text);

// Whether the whole text is one valid JSON value.
bool is_json(std::string_view text);

// The value of the index-th member of the object that is the whole text, exactly as written, without blanks
// around. `text` must have passed read_json() as an object of `count` members, more than `index`.
std::string_view raw_member(std::string_view text, std::size_t index, std::size_t count);

// Walks over the array that is the whole text, item after item, each byte once. `text` must have passed
// read_json() as an array and outlive this.
class RawArray {
 public:
  explicit RawArray(std::string_view text);
  // Goes past the next item; there must be one. Of an object, the values of its first members are put into
  // `values`, as many as fit, exactly as written; of anything else, nothing.
  void next(std::span<std::string_view> values);

 private:
  const char* at_;   // '[' or ',' before the next item, or the last ']'
  const char* end_;  // of the text
};

// Without the blanks around it.
std::string_view trimmed_json(std::string_view text);

}  // namespace exposee

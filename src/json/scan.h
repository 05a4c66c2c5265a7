// Where a JSON text is broken. simdjson says quickly that it is, not where; this strict scanner runs only
// when a text was refused and names the place, in characters, as the original service did (that of the json
// module of Python up to 3.12). It also names what the original let pass and Exposee refuses: invalid UTF-8,
// lone surrogates, duplicate keys, more than kMaxJsonDepth levels, NaN and Infinity. Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace exposee {

constexpr std::size_t kMaxJsonDepth = 64;  // levels of arrays and objects (promises section 5)

struct JsonFault {
  std::size_t offset = 0;  // in characters, from 0
  std::string message;     // "Expecting value"
};

// What a scan of the whole text found.
struct JsonScan {
  std::optional<JsonFault> fault;
  // The same text with every number that does not fit into 64 bits or a double replaced by 0.5 and blanks, so
  // that all offsets stay and it is not taken for a whole number. simdjson refuses such numbers, but they are valid JSON and must travel untouched.
  std::string tamed;
};

// `text`: without a byte order mark.
JsonScan scan_json(std::string_view text);

}  // namespace exposee

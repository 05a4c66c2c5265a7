// How URLs escape bytes (RFC 3986 section 2.1). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee {

// "%41" -> "A"; a percent sign without two hexadecimal digits stays. `plus_is_blank`: as in forms and
// queries.
std::string percent_decoded(std::string_view text, bool plus_is_blank);

// For a value inside a query. Letters, digits and "-._~" stay.
std::string percent_encoded(std::string_view text);

}  // namespace exposee

// Text as it comes over the wire, made fit for JSON. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee::api {

// Valid UTF-8: every byte that belongs to no character becomes U+FFFD.
std::string printable_utf8(std::string_view bytes);

// "%41" -> "A"; a percent sign without two hexadecimal digits stays. `plus_is_blank`: as in forms and
// queries.
std::string percent_decoded(std::string_view text, bool plus_is_blank);

// For a value inside a query. Letters, digits and "-._~" stay.
std::string percent_encoded(std::string_view text);

}  // namespace exposee::api

// How a string is written inside JSON (RFC 8259 section 7): the one place that escapes, and that makes valid
// text of any bytes. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee {

// Appends `utf8` with its quotes. Only what must be escaped is: quote, backslash and controls below U+0020;
// other characters stay as they are. `utf8` must be valid UTF-8.
void append_json_string(std::string_view utf8, std::string& out);

// The same for any bytes, for eyes at a terminal: made valid (printable_utf8()), and the controls from U+007F
// to U+009F, which JSON would leave as they are and terminals would obey, become U+FFFD as well.
void append_clean_json_string(std::string_view bytes, std::string& out);

// Valid UTF-8: every byte that belongs to no character becomes U+FFFD.
std::string printable_utf8(std::string_view bytes);

}  // namespace exposee

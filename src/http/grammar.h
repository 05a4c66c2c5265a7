// The small words of HTTP's grammar (RFC 9110 section 5.6), shared by reading and writing. Pure; any thread.
#pragma once

#include <string_view>

namespace exposee::http {

// The first control byte (below 0x20 but tab, or 0x7f) in [begin, end), or `end`. Looks at sixteen bytes at
// a time: every byte of every head passes through here.
const char* find_control(const char* begin, const char* end);

// 1*tchar: what methods and field names are made of.
bool is_token(std::string_view text);
// No control byte but tab. Bytes from 0x80 on are allowed (obs-text).
bool is_field_value(std::string_view text);
// Every byte is ASCII and visible, 0x21..0x7e; true for "".
bool is_visible_ascii(std::string_view text);

// ASCII case only, as field names and tokens are compared.
bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace exposee::http

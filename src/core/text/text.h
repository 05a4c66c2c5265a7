// Unicode text as the contract needs it, by libunistring's tables: lower case, identifiers, UTF-8. Any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee {

// Lower case of the whole string (Unicode's full mapping with the rule of the final sigma, in no locale; not
// normalised): usernames and event names. `utf8` must be valid UTF-8.
std::string lower_case(std::string_view utf8);

// Each character's lower case by itself (no final sigma), then composed (NFC): all that IDNA does to a
// plain spelling of a name. `utf8` must be valid UTF-8.
std::string composed_lower_case(std::string_view utf8);

// Unicode's notion of an identifier (UAX #31 as Python has it: XID_Start or '_', then XID_Continue).
// `utf8` must be valid UTF-8.
bool is_identifier(std::string_view utf8);

bool is_valid_utf8(std::string_view text);
// Every byte that is not part of a character becomes U+FFFD.
std::string repaired_utf8(std::string_view bytes);

// ASCII only; other bytes stay.
bool is_ascii(std::string_view text);
std::string ascii_lower_case(std::string_view text);

}  // namespace exposee

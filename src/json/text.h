// How a string is written inside JSON (RFC 8259 section 7): the one place that escapes, for every room that
// makes JSON text by hand (events' data, answers, log lines). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee {

// Appends `utf8` with its quotes. Only what must be escaped is: quote, backslash and controls below U+0020;
// other characters stay as they are. `utf8` must be valid UTF-8.
void append_json_string(std::string_view utf8, std::string& out);

}  // namespace exposee

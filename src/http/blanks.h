// Blanks that RFC 9112 allows and llhttp does not take: they are rare, harmless where exactly the grammar is
// met, and brought into the form that it takes. So llhttp still judges every size and length itself. Pure;
// any thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee::http {

// Whole field lines. Tabs between a value's end and its CRLF (OWS, section 5.1) become spaces; nothing else.
std::string plain_field_lines(std::string_view lines);

// The line of a chunk's size, with its CRLF. Where blanks stand around the ";" and "=" of extensions (BWS,
// section 7.1.1), and all the line is what the grammar says, only the size is left: extensions are thrown
// away in any case. Anything else comes back as it is.
std::string plain_chunk_line(std::string_view line);

}  // namespace exposee::http

// The discipline of lines, before llhttp sees a byte: lines end by CRLF and nothing else, no control bytes,
// no folded lines, no nameless fields, and a limit on everything. It also finds where a section of lines
// ends, so that llhttp is only ever given whole lines and must agree about the end (message_reader.h).
//
// Sections: a head (start line, field lines, empty line), trailers (field lines, empty line), a chunk's size
// (one line). Part of a MessageReader; used on its thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/read_step.h"

namespace exposee::http {

// What a section may be. Rules have static lifetime. The kind of a fault is for requests.
struct SectionRules {
  bool has_start_line = true;
  bool has_fields = true;             // false: the section ends with its start line
  bool start_line_counts = false;     // toward max_field_bytes
  std::size_t max_leading_empty = 0;  // empty lines before the start line
  std::size_t max_start_bytes = 0;    // of the start line, without CRLF
  std::size_t max_field_bytes = 0;    // of all field lines and the empty line, with CRLFs
  std::size_t max_fields = 0;
  Fault start_too_long;
  Fault fields_too_long;
  Fault too_many_fields;
};

struct LineScan {
  std::size_t lines_end = 0;  // input up to here finishes lines; what follows is part of an unfinished one
  bool section_end = false;   // and the section ends there
  Fault fault;                // found after lines_end
};

class LineGuard {
 public:
  void begin(const SectionRules& rules);

  // Looks at input that follows what was looked at before, no further than the end of the section or a fault.
  LineScan scan(std::string_view input);

  // Bytes of the section's start line, without CRLF, once it is whole.
  std::size_t start_line_size() const { return start_line_size_; }
  // No byte of the section has come but ignored empty lines.
  bool untouched() const { return in_start_line_ && line_size_ == 0; }

 private:
  bool line_may_start_with(char c);
  bool count(std::size_t bytes);
  bool take_stop(char c);
  bool take_line_feed(char c);
  bool finish_line();
  bool refuse(const Fault& fault);

  const SectionRules* rules_ = nullptr;
  std::size_t line_size_ = 0;  // of the current line so far, without CR
  std::size_t start_line_size_ = 0;
  std::size_t field_bytes_ = 0;
  std::size_t fields_ = 0;
  std::size_t leading_empty_ = 0;
  bool in_start_line_ = true;
  bool after_cr_ = false;
  bool section_end_ = false;
  Fault fault_;
};

}  // namespace exposee::http

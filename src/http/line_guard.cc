#include "http/line_guard.h"

#include "http/grammar.h"

namespace exposee::http {
namespace {

constexpr Fault kBareCr{FaultKind::malformed, "A carriage return stands without its line feed."};
constexpr Fault kBareLf{FaultKind::malformed, "A line ends by a bare line feed; lines end by CR LF."};
constexpr Fault kControl{FaultKind::malformed, "The head has a control byte in it."};
constexpr Fault kFolded{FaultKind::malformed,
                        "A header line begins with white space; folded lines are not taken."};
constexpr Fault kNameless{FaultKind::malformed, "A header field has no name."};
constexpr Fault kEmptyStart{FaultKind::malformed, "An empty line stands where a message must begin."};

}  // namespace

void LineGuard::begin(const SectionRules& rules) {
  *this = LineGuard{};
  rules_ = &rules;
  in_start_line_ = rules.has_start_line;
}

LineScan LineGuard::scan(std::string_view input) {
  LineScan result;
  const char* at = input.data();
  const char* const end = at + input.size();
  while (at != end) {
    if (after_cr_) {
      if (!take_line_feed(*at++)) break;
      result.lines_end = static_cast<std::size_t>(at - input.data());
      if (section_end_) break;
      continue;
    }
    if (line_size_ == 0 && !line_may_start_with(*at)) break;
    const char* stop = find_control(at, end);
    if (!count(static_cast<std::size_t>(stop - at))) break;
    at = stop;
    if (at != end && !take_stop(*at++)) break;
  }
  result.section_end = section_end_;
  result.fault = fault_;
  return result;
}

// Judges the first byte of a line, the CR of an empty one included.
bool LineGuard::line_may_start_with(char c) {
  if (in_start_line_ || c == '\r') return true;
  if (c == ' ' || c == '\t') return refuse(kFolded);
  if (c == ':') return refuse(kNameless);
  if (++fields_ > rules_->max_fields) return refuse(rules_->too_many_fields);
  return true;
}

// Bytes of a line's text. Judged before what ends the text, so that any cut of the input gives the same
// fault.
bool LineGuard::count(std::size_t bytes) {
  line_size_ += bytes;
  if (in_start_line_ && line_size_ > rules_->max_start_bytes) return refuse(rules_->start_too_long);
  if (in_start_line_ && !rules_->start_line_counts) return true;
  field_bytes_ += bytes;
  return field_bytes_ <= rules_->max_field_bytes || refuse(rules_->fields_too_long);
}

bool LineGuard::take_stop(char c) {
  if (c == '\n') return refuse(kBareLf);
  if (c != '\r') return refuse(kControl);
  after_cr_ = true;
  return true;
}

bool LineGuard::take_line_feed(char c) {
  if (c != '\n') return refuse(kBareCr);
  after_cr_ = false;
  return finish_line();
}

bool LineGuard::finish_line() {
  constexpr std::size_t kLineEndBytes = 2;
  if (!in_start_line_ || rules_->start_line_counts) field_bytes_ += kLineEndBytes;
  if (field_bytes_ > rules_->max_field_bytes) return refuse(rules_->fields_too_long);
  if (in_start_line_ && line_size_ == 0) {
    return ++leading_empty_ <= rules_->max_leading_empty || refuse(kEmptyStart);
  }
  section_end_ = in_start_line_ ? !rules_->has_fields : line_size_ == 0;
  if (in_start_line_) start_line_size_ = line_size_;
  in_start_line_ = false;
  line_size_ = 0;
  return true;
}

bool LineGuard::refuse(const Fault& fault) {
  fault_ = fault;
  return false;
}

}  // namespace exposee::http

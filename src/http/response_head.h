// The head of a receiver's response, read as curl and browsers read it: lines may end by LF alone, a field may
// be folded or have blanks before its colon, a line that is not a field is passed over. What departs from the
// grammar (RFC 9112) makes the head irregular, which costs the connection and never the status. Only what
// does not begin with HTTP/1.x and a status, or is larger than 16 KiB, is not a response.
//
// Requests are never read by this: they keep the strictness of message_reader.h.
//
// Part of a ResponseParser; used on its thread. Input is only copied where a head comes in several pieces.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/read_step.h"

namespace exposee::http {

class ResponseHead {
 public:
  // Takes bytes up to the end of the head, or all of them; gives back how many. Any cut of the stream into
  // pieces gives the same outcome.
  std::size_t feed(std::string_view bytes);
  void clear();  // ready for the next head

  ReadState state() const { return state_; }  // need_more, complete or error
  std::string_view fault() const { return fault_; }
  bool untouched() const { return size_ == 0; }

  // Once complete.
  int status() const { return status_; }  // 100..999
  int minor_version() const { return minor_version_; }
  std::string_view reason() const { return reason_; }  // without control bytes; may be empty
  const Fields& fields() const { return fields_; }     // their values are without control bytes
  bool irregular() const { return irregular_; }

 private:
  bool begins_well(std::string_view bytes);
  std::size_t find_end(std::string_view bytes);
  std::string_view text_to(std::string_view bytes, std::size_t end);
  bool read_start_line(std::string_view line);
  void read_fields(std::string_view head);
  std::string_view take_line(std::string_view& head);
  std::string_view take_odd_line(std::string_view& head);
  void read_field(std::string_view line);
  void fold(std::string_view line);
  void refuse(std::string_view sentence);

  std::string raw_;            // of a head that comes in pieces
  std::size_t kept_ = 0;       // bytes of the piece at hand that are in raw_ already
  std::size_t size_ = 0;       // bytes of the head so far, without the piece at hand
  bool line_is_empty_ = true;  // of the line at hand, what came before the piece
  bool started_ = false;       // the start line is whole
  std::string odd_line_;       // the line at hand, its control bytes made blanks
  bool may_fold_ = false;      // the line before was a field

  ReadState state_ = ReadState::need_more;
  std::string_view fault_;
  int status_ = 0;
  int minor_version_ = 1;
  std::string reason_;
  Fields fields_;
  bool irregular_ = false;
};

}  // namespace exposee::http

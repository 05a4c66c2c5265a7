// The header fields of a response, kept as the bytes that are sent, so that every field is written once. Names
// are checked by the compiler where they are literals; a value with a control byte is a programmer's error
// (see write.h). A value; any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/grammar.h"

namespace exposee::http {

// "name: ", its name checked by the compiler.
class FieldName {
 public:
  template <std::size_t N>
  consteval FieldName(const char (&name_and_colon)[N]) : text_(name_and_colon, N - 1) {
    if (!text_.ends_with(": ") || N <= 3) throw "a field's name is followed by a colon and a space";
    for (const char c : text_.substr(0, text_.size() - 2)) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
      if (!plain) throw "a field's name has letters and hyphens here";
    }
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// Decided by write_response() alone: a second one would contradict the first.
constexpr std::array<std::string_view, 5> kFramingFields{"content-length", "transfer-encoding", "connection",
                                                         "keep-alive", "date"};

// In lower case, and none of the framing fields.
class ResponseFieldName : public FieldName {
 public:
  template <std::size_t N>
  consteval ResponseFieldName(const char (&name_and_colon)[N]) : FieldName(name_and_colon) {
    check(text().substr(0, N - 3));
  }
  static consteval void check(std::string_view name) {
    for (const char c : name) {
      const bool plain = (c >= 'a' && c <= 'z') || c == '-';
      if (!plain) throw "a response's field names are in lower case";
    }
    for (const auto framing : kFramingFields) {
      if (name == framing) throw "framing and connection are written by write_response() itself";
    }
  }
};

// "name: value", all of it checked by the compiler.
class ResponseField {
 public:
  template <std::size_t N>
  consteval ResponseField(const char (&line)[N]) : text_(line, N - 1) {
    const auto colon = text_.find(": ");
    if (colon == text_.npos || colon == 0) throw "a field is a name, a colon, a space and a value";
    ResponseFieldName::check(text_.substr(0, colon));
    for (const char c : text_.substr(colon)) {
      if (c < ' ' || c > '~') throw "a value that is known here is printable ASCII";
    }
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class FieldLines {
 public:
  using NameAndValue = std::pair<std::string_view, std::string_view>;

  void add(ResponseField field);
  // The value is `value` followed by `more`.
  void add(ResponseFieldName name, std::string_view value, std::string_view more = {});
  // A name that is not known to the compiler: a token and no framing field, or the process ends.
  void add_other(std::string_view name, std::string_view value);

  // The first field of that name, given in lower case.
  std::optional<std::string_view> find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name).has_value(); }
  std::string_view bytes() const { return bytes_; }  // "name: value\r\n" of each

  class Iterator {
   public:
    explicit Iterator(std::string_view left) : left_(left) {}
    NameAndValue operator*() const;
    Iterator& operator++();
    bool operator==(const Iterator& other) const { return left_.size() == other.left_.size(); }

   private:
    std::string_view left_;
  };
  Iterator begin() const { return Iterator(bytes_); }
  Iterator end() const { return Iterator({}); }

 private:
  void append(std::string_view name_and_colon, std::string_view clean_value, std::string_view more);

  std::string bytes_;
};

}  // namespace exposee::http

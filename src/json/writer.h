// Writes JSON text from left to right. Replies are made with this rather than with a document model, because
// parts of them are spliced in byte for byte (an event's data, a receiver's response) and must not be read
// and written again. The two large documents (openapi, postman) are made with Boost.JSON. A value; one
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.h"
#include "json/text.h"

namespace exposee {

// "12.345": milliseconds with three decimals, which is what durations have in every reply (`..._ms`).
std::string millis_text(Duration duration);

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name) {
    separate();
    append_json_string(name, text_);
    text_ += ':';
    needs_comma_ = false;
    return *this;
  }
  // `utf8` must be valid UTF-8.
  JsonWriter& value(std::string_view utf8) {
    separate();
    append_json_string(utf8, text_);
    return *this;
  }
  JsonWriter& value(const char* utf8) { return value(std::string_view(utf8)); }
  JsonWriter& value(std::int64_t number) { return raw(std::to_string(number)); }
  JsonWriter& value(std::uint64_t number) { return raw(std::to_string(number)); }
  JsonWriter& value(int number) { return raw(std::to_string(number)); }
  JsonWriter& value(bool truth) { return raw(truth ? "true" : "false"); }
  JsonWriter& value(Instant time) { return value(iso_text(time)); }
  JsonWriter& null() { return raw("null"); }
  // One JSON value that is valid already.
  JsonWriter& raw(std::string_view json) {
    separate();
    text_ += json;
    return *this;
  }
  // The members of an object that is written already, byte for byte. `object`: valid JSON, no blanks around
  // it.
  JsonWriter& members_of(std::string_view object) {
    const auto members = object.substr(1, object.size() - 2);
    return members.empty() ? *this : raw(members);
  }

  template <class T>
  JsonWriter& member(std::string_view name, const T& v) {
    key(name);
    return value(v);
  }
  // Nothing becomes null.
  template <class T>
  JsonWriter& member(std::string_view name, const std::optional<T>& v) {
    key(name);
    return v ? value(*v) : null();
  }
  JsonWriter& raw_member(std::string_view name, std::string_view json) { return key(name).raw(json); }
  // The empty text becomes null.
  JsonWriter& text_or_null(std::string_view name, std::string_view utf8) {
    key(name);
    return utf8.empty() ? null() : value(utf8);
  }

  void reserve(std::size_t bytes) { text_.reserve(bytes); }
  std::string take() { return std::move(text_); }

 private:
  void separate() {
    if (needs_comma_) text_ += ',';
    needs_comma_ = true;
  }
  JsonWriter& open(char bracket) {
    separate();
    text_ += bracket;
    needs_comma_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    text_ += bracket;
    needs_comma_ = true;
    return *this;
  }

  std::string text_;
  bool needs_comma_ = false;
};

}  // namespace exposee

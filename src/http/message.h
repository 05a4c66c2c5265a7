// HTTP requests and responses as values: what the codec makes of bytes and what it makes bytes of.
// Values without sockets. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/body.h"
#include "http/field_lines.h"

namespace exposee::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };
std::string_view to_text(Method method);  // "GET", ...; "" for other
Method parse_method(std::string_view text);

// Header fields in the order received. Names are kept as sent and compared ignoring case (RFC 9110 5.1).
// One buffer, views by offset: adding a field costs no allocation once the buffer has grown.
class Fields {
 public:
  using NameAndValue = std::pair<std::string_view, std::string_view>;

  Fields() = default;
  Fields(std::initializer_list<NameAndValue> fields) {
    for (const auto& [name, value] : fields) add(name, value);
  }

  void add(std::string_view name, std::string_view value);
  // Gives the field that was added last another value. For the parser, which learns the value after the name.
  void set_last_value(std::string_view value);
  // Gives the first field of that name another value; adds it when there is none.
  void replace(std::string_view name, std::string_view value);
  // The value that was added last goes on, after a space unless it is empty.
  void extend_last_value(std::string_view more);
  void clear();
  // The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const {
    return may_have(name) ? search(name) : std::nullopt;
  }
  std::size_t size() const { return entries_.size(); }
  std::string_view name(std::size_t i) const;
  std::string_view value(std::size_t i) const;

  struct Iterator {
    const Fields* fields;
    std::size_t at;
    NameAndValue operator*() const { return {fields->name(at), fields->value(at)}; }
    Iterator& operator++() { return ++at, *this; }
    bool operator==(const Iterator&) const = default;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  struct Entry {
    std::uint32_t name_at, name_size, value_at, value_size;
  };
  // Of 64 marks the one of this name's size and first letter. Most fields that are asked for are not there,
  // and a look at the marks of those that are tells.
  static constexpr std::uint64_t mark_of(std::string_view name) {
    const unsigned letter = name.empty() ? 0u : static_cast<unsigned char>(name.front()) | 0x20u;  // any case
    return std::uint64_t{1} << ((name.size() + 4 * letter) % 64);
  }
  bool may_have(std::string_view name) const { return (marks_ & mark_of(name)) != 0; }
  std::optional<std::string_view> search(std::string_view name) const;
  void set_value(Entry& entry, std::string_view value);

  std::string text_;
  std::vector<Entry> entries_;
  std::uint64_t marks_ = 0;  // of all names
};

struct Request {
  Method method = Method::get;
  std::string method_text;  // as sent, also for methods this server does not know
  std::string target;       // as sent: "/webhooks?event_filter=x"
  Fields headers;
  std::string body;
  int minor_version = 1;  // of HTTP/1.x
  bool keep_alive = true;
  bool whole_head = false;  // all of the head has come, and nothing is wrong with its form
  std::string peer;  // "127.0.0.1:51234", set by the server

  std::string_view path() const;   // target up to '?', still percent-encoded
  std::string_view query() const;  // after '?', empty when none
  std::optional<std::string_view> header(std::string_view name) const { return headers.find(name); }
};

struct Response {
  int status = 200;
  FieldLines headers;  // without Content-Length, Connection, Keep-Alive, Date
  Body body;
  bool close = false;  // end the connection after this response
};

std::string_view reason_phrase(int status);  // "Not Found"; "" when unknown

}  // namespace exposee::http

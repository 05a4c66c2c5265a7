// Reads and judges the JSON body of a call under /v1. Faults are gathered and reported together as one
// problem. Unlike the contract's calls these refuse unknown members: a misspelt setting must not look as if
// it had been taken. Lives on the server's thread for one call; texts are valid until the next body is read
// on this thread.
#pragma once

#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/wire/problem.h"
#include "http/message.h"
#include "json/read.h"

namespace exposee::api {

// The JSON value that is the body, or why there is none: another content type, or broken text.
struct V1Json {
  JsonElement value;
  std::string_view text;  // all of it, as received
};
std::expected<V1Json, Problem> read_v1_json(const http::Request& request);

class V1Body {
 public:
  enum class Presence : std::uint8_t { required, optional };  // optional: an empty body is an empty object

  V1Body(const http::Request& request, std::span<const std::string_view> known,
         Presence presence = Presence::required);
  V1Body(const http::Request& request, std::initializer_list<std::string_view> known,
         Presence presence = Presence::required)
      : V1Body(request, std::span(known.begin(), known.size()), presence) {}
  // One value inside of a body that was read already. Has no raw().
  V1Body(const JsonElement& value, std::initializer_list<std::string_view> known);

  struct Member {
    std::string_view name;
    JsonElement value;
    std::size_t position = 0;  // in the object, from 0
  };
  bool has(std::string_view name) const { return member(name).has_value(); }
  // The member, or nothing after noting that it is missing.
  std::optional<Member> required(std::string_view name);
  std::optional<Member> member(std::string_view name) const;
  std::optional<JsonElement> find(std::string_view name) const;
  // Its value, byte for byte as received.
  std::string_view raw(const Member& member) const;

  // Of members that are there: nothing after noting that the type or the size is wrong.
  std::optional<std::string_view> text(const Member& member, std::size_t max_bytes);
  std::optional<std::string_view> text(std::string_view name, std::size_t max_bytes) {
    return text(*member(name), max_bytes);
  }
  std::optional<bool> flag(std::string_view name);

  // `pointer`: "/url", "/events/0".
  void refuse(std::string pointer, std::string message);

  bool ok() const { return problem_.kind == nullptr; }
  // When not ok(). `parent`: pointer to the value inside of the body; empty: it is the whole body.
  engine::Reply reply(std::string_view parent = {}) const;

 private:
  void judge(const JsonElement& value, std::span<const std::string_view> known);

  std::string_view text_;  // of the body
  std::optional<JsonObject> object_;
  Problem problem_;
};

// "/url" of "url".
std::string pointer_to(std::string_view name);

}  // namespace exposee::api

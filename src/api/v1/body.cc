#include "api/v1/body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "api/wire/media_type.h"

namespace exposee::api {

std::string pointer_to(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) {  // RFC 6901 section 3
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return pointer;
}

std::expected<V1Json, Problem> read_v1_json(const http::Request& request) {
  const auto type = request.header("content-type");
  if (type && !type->empty() && !is_json_type(*type)) {
    return std::unexpected(
        Problem{&problems.unsupported_media_type, "Content-Type must be application/json"});
  }
  const auto text = without_bom(request.body);
  const auto value = read_json(text);
  if (value) return V1Json{*value, text};
  return std::unexpected(Problem{
      &problems.invalid_json, fmt::format("{} at offset {}", value.error().message, value.error().offset)});
}

V1Body::V1Body(const http::Request& request, std::span<const std::string_view> known, Presence presence) {
  if (request.body.empty() && presence == Presence::optional) return;
  auto json = read_v1_json(request);
  if (!json) {
    problem_ = std::move(json).error();
    return;
  }
  text_ = json->text;
  judge(json->value, known);
}

V1Body::V1Body(const JsonElement& value, std::initializer_list<std::string_view> known) {
  judge(value, std::span(known.begin(), known.size()));
}

void V1Body::judge(const JsonElement& value, std::span<const std::string_view> known) {
  if (!value.is_object()) return refuse("", "must be a JSON object");
  object_ = value.get_object().value_unsafe();
  for (const auto member : *object_) {
    if (std::ranges::find(known, member.key) != known.end()) continue;
    refuse(pointer_to(member.key), fmt::format("unknown field; allowed: {}", fmt::join(known, ", ")));
  }
}

std::optional<V1Body::Member> V1Body::member(std::string_view name) const {
  if (!object_) return std::nullopt;
  std::size_t position = 0;
  for (const auto [key, value] : *object_) {
    if (key == name) return Member{name, value, position};
    ++position;
  }
  return std::nullopt;
}

std::optional<JsonElement> V1Body::find(std::string_view name) const {
  const auto found = member(name);
  return found ? std::optional(found->value) : std::nullopt;
}

std::optional<V1Body::Member> V1Body::required(std::string_view name) {
  auto found = member(name);
  if (!found && object_) refuse(pointer_to(name), "is required");
  return found;
}

std::string_view V1Body::raw(const Member& member) const {
  return raw_member(text_, member.position, object_->size());
}

std::optional<std::string_view> V1Body::text(const Member& member, std::size_t max_bytes) {
  std::string_view text;
  if (member.value.get(text) != simdjson::SUCCESS) {
    refuse(pointer_to(member.name), "must be a string");
    return std::nullopt;
  }
  if (text.size() > max_bytes)
    refuse(pointer_to(member.name), fmt::format("must be at most {} bytes long", max_bytes));
  if (text.find('\0') != text.npos) refuse(pointer_to(member.name), "must not contain a NUL character (U+0000)");
  return text;
}

std::optional<bool> V1Body::flag(std::string_view name) {
  bool flag = false;
  if (find(name)->get(flag) == simdjson::SUCCESS) return flag;
  refuse(pointer_to(name), "must be true or false");
  return std::nullopt;
}

engine::Reply V1Body::reply(std::string_view parent) const {
  if (parent.empty()) return to_reply(problem_);
  Problem problem = problem_;
  for (auto& error : problem.errors) error.pointer.insert(0, parent);
  return to_reply(problem);
}

void V1Body::refuse(std::string pointer, std::string message) {
  if (problem_.kind == nullptr) problem_ = {&problems.invalid_request, "Invalid body"};
  problem_.errors.push_back({std::move(pointer), std::move(message)});
}

}  // namespace exposee::api

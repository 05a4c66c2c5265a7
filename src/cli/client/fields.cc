#include "cli/client/fields.h"

#include "core/text/text.h"

namespace exposee::cli {
namespace {

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7f;
}

}  // namespace

std::optional<JsonElement> read_object(std::string_view json) {
  const auto element = read_json(without_bom(json));
  if (!element || !element->is_object()) return std::nullopt;
  return *element;
}

std::expected<JsonElement, Failure> expect_object(std::string_view json) {
  if (auto object = read_object(json)) return *object;
  return std::unexpected(
      Failure{ExitCode::failed, "The reply is not a JSON object.", "Is this an Exposee server?"});
}

std::expected<JsonElement, Failure> expect_reply(std::string_view json, std::string_view member) {
  auto object = expect_object(json);
  if (!object || !(*object)[member].error()) return object;
  return std::unexpected(Failure{ExitCode::failed, "The reply is not one of Exposee's.",
                                 "Is this an Exposee server?"});
}

namespace {

// Bytes of what a terminal would obey at the beginning of valid UTF-8, 0 when there is none: controls, among them
// U+0080 to U+009F, and what ends a line or turns the direction of the text (U+200E, U+200F, U+2028 to U+202E, U+2066 to
// U+2069), which makes a line read otherwise than it is.
std::size_t leading_order(std::string_view valid) {
  const auto byte = [&](std::size_t i) { return i < valid.size() ? static_cast<unsigned char>(valid[i]) : 0; };
  if (is_control(byte(0))) return 1;
  if (byte(0) == 0xC2) return byte(1) < 0xA0 ? 2 : 0;
  if (byte(0) != 0xE2) return 0;
  const int last = byte(2);
  const bool general = byte(1) == 0x80 && (last == 0x8E || last == 0x8F || (last >= 0xA8 && last <= 0xAE));
  const bool isolate = byte(1) == 0x81 && last >= 0xA6 && last <= 0xA9;
  return general || isolate ? 3 : 0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  const std::string valid = repaired_utf8(text);
  for (std::string_view rest = valid; !rest.empty();) {
    const auto order = leading_order(rest);
    out += order > 0 ? ' ' : rest.front();
    rest.remove_prefix(order > 0 ? order : 1);
  }
  return out;
}

std::string text_of(const JsonElement& element) {
  if (const auto text = element.get_string(); !text.error()) return printable(text.value_unsafe());
  if (const auto number = element.get_int64(); !number.error()) return std::to_string(number.value_unsafe());
  return {};
}

std::string text_at(const JsonElement& object, std::string_view name) {
  const auto found = object[name];
  return found.error() ? std::string{} : text_of(found.value_unsafe());
}

std::int64_t number_at(const JsonElement& object, std::string_view name) {
  const auto number = object[name].get_int64();
  return number.error() ? 0 : number.value_unsafe();
}

bool truth_at(const JsonElement& object, std::string_view name) {
  const auto truth = object[name].get_bool();
  return !truth.error() && truth.value_unsafe();
}

std::string_view raw_at(std::string_view json, const JsonElement& object, std::string_view name) {
  const auto members = object.get_object();
  if (members.error()) return "null";
  std::size_t index = 0;
  for (const auto member : members.value_unsafe()) {
    if (member.key == name) return raw_member(without_bom(json), index, members.value_unsafe().size());
    ++index;
  }
  return "null";
}

}  // namespace exposee::cli

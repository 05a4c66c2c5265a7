#include "cli/client/fields.h"

#include "core/text/text.h"

namespace exposee::cli {
namespace {

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7f;
}

}  // namespace

std::optional<api::JsonElement> read_object(std::string_view json) {
  const auto element = api::read_json(api::without_bom(json));
  if (!element || !element->is_object()) return std::nullopt;
  return *element;
}

std::expected<api::JsonElement, Failure> expect_object(std::string_view json) {
  if (auto object = read_object(json)) return *object;
  return std::unexpected(
      Failure{ExitCode::failed, "The answer is not a JSON object.", "Is it an Exposee server that was asked?"});
}

std::string printable(std::string_view text) {
  std::string out;
  const std::string valid = repaired_utf8(text);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto c = static_cast<unsigned char>(valid[i]);
    const bool late = c == 0xC2 && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) < 0xA0;
    out += is_control(c) || late ? ' ' : valid[i];
    if (late) ++i;  // U+0080 to U+009F have two bytes
  }
  return out;
}

std::string text_of(const api::JsonElement& element) {
  if (const auto text = element.get_string(); !text.error()) return printable(text.value_unsafe());
  if (const auto number = element.get_int64(); !number.error()) return std::to_string(number.value_unsafe());
  return {};
}

std::string text_at(const api::JsonElement& object, std::string_view name) {
  const auto found = object[name];
  return found.error() ? std::string{} : text_of(found.value_unsafe());
}

std::int64_t number_at(const api::JsonElement& object, std::string_view name) {
  const auto number = object[name].get_double();
  return number.error() ? 0 : static_cast<std::int64_t>(number.value_unsafe());
}

bool truth_at(const api::JsonElement& object, std::string_view name) {
  const auto truth = object[name].get_bool();
  return !truth.error() && truth.value_unsafe();
}

std::string_view raw_at(std::string_view json, const api::JsonElement& object, std::string_view name) {
  std::size_t index = 0;
  for (const auto member : object.get_object().value_unsafe()) {
    if (member.key == name) return api::raw_member(api::without_bom(json), index);
    ++index;
  }
  return "null";
}

}  // namespace exposee::cli

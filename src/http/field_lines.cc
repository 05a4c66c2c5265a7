#include "http/field_lines.h"

#include <algorithm>
#include <cstring>

#include "core/assert.h"

namespace exposee::http {
namespace {

constexpr std::size_t kUsualBytes = 240;  // of an ordinary response's fields: set aside at the first
constexpr std::string_view kColon = ": ", kLineEnd = "\r\n";
constexpr const char* kClean = "a field value has no control bytes";

bool is_framing(std::string_view name) {
  return std::ranges::any_of(kFramingFields,
                             [name](auto framing) { return equals_ignoring_case(name, framing); });
}

char* put(char* at, std::string_view bytes) {
  return std::copy(bytes.begin(), bytes.end(), at);
}

}  // namespace

void FieldLines::add(ResponseField field) {
  append(field.text(), {}, {});
}

void FieldLines::add(ResponseFieldName name, std::string_view value, std::string_view more) {
  EXPOSEE_ASSERT(is_field_value(value) && is_field_value(more), kClean);
  append(name.text(), value, more);
}

void FieldLines::add_other(std::string_view name, std::string_view value) {
  EXPOSEE_ASSERT(is_token(name), "a field name is a token");
  EXPOSEE_ASSERT(!is_framing(name), "framing and connection are written by write_response() itself");
  EXPOSEE_ASSERT(is_field_value(value), kClean);
  append(std::string(name).append(kColon), value, {});
}

void FieldLines::append(std::string_view name_and_colon, std::string_view clean_value, std::string_view more) {
  const auto before = bytes_.size();
  const auto size = before + name_and_colon.size() + clean_value.size() + more.size() + kLineEnd.size();
  if (before == 0) bytes_.reserve(std::max(kUsualBytes, size));
  bytes_.resize_and_overwrite(size, [&](char* begin, std::size_t) {
    put(put(put(put(begin + before, name_and_colon), clean_value), more), kLineEnd);
    return size;
  });
}

std::optional<std::string_view> FieldLines::find(std::string_view wanted) const {
  for (const auto& [name, value] : *this) {
    if (equals_ignoring_case(name, wanted)) return value;
  }
  return std::nullopt;
}

FieldLines::NameAndValue FieldLines::Iterator::operator*() const {
  const auto line = left_.substr(0, left_.find(kLineEnd));
  const auto colon = line.find(kColon);
  return {line.substr(0, colon), line.substr(colon + kColon.size())};
}

FieldLines::Iterator& FieldLines::Iterator::operator++() {
  left_.remove_prefix(left_.find(kLineEnd) + kLineEnd.size());
  return *this;
}

}  // namespace exposee::http

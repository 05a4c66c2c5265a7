#include "http/message.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "core/assert.h"
#include "core/text/give_back.h"
#include "http/grammar.h"

namespace exposee::http {
namespace {

// What an ordinary head needs, set aside at its first field so that filling it does not allocate again and
// again.
constexpr std::size_t kUsualFields = 16;
constexpr std::size_t kUsualTextBytes = 512;
// What clear() keeps of a larger one: connections are many, and such heads rare.
constexpr std::size_t kMaxEntriesKept = 2 * kUsualFields, kMaxTextKept = 2 * kUsualTextBytes;

constexpr std::array<std::pair<Method, std::string_view>, 7> kMethods{{{Method::get, "GET"},
                                                                       {Method::head, "HEAD"},
                                                                       {Method::post, "POST"},
                                                                       {Method::put, "PUT"},
                                                                       {Method::patch, "PATCH"},
                                                                       {Method::del, "DELETE"},
                                                                       {Method::options, "OPTIONS"}}};

// The statuses this product sends or explains (RFC 9110 section 15, RFC 6585, RFC 4918), in order.
struct Reason {
  int status;
  std::string_view phrase;
};
constexpr Reason kReasons[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {511, "Network Authentication Required"},
};
// Every reply has one: found by its number, not by a search.
constexpr auto kPhrases = [] {
  std::array<std::string_view, 512> phrases{};
  for (const auto& [status, phrase] : kReasons) phrases[static_cast<std::size_t>(status)] = phrase;
  return phrases;
}();

}  // namespace

std::string_view to_text(Method method) {
  for (const auto& [known, text] : kMethods) {
    if (known == method) return text;
  }
  return {};
}

Method parse_method(std::string_view text) {
  for (const auto& [method, known] : kMethods) {
    if (known == text) return method;
  }
  return Method::other;
}

void Fields::add(std::string_view name, std::string_view value) {
  if (entries_.capacity() == 0) {
    entries_.reserve(kUsualFields);
    text_.reserve(kUsualTextBytes);
  }
  const auto size_of = [](std::string_view bytes) { return static_cast<std::uint32_t>(bytes.size()); };
  const auto name_at = size_of(text_);
  text_.append(name);
  marks_ |= mark_of(name);
  entries_.push_back({name_at, size_of(name), size_of(text_), size_of(value)});
  if (!value.empty()) text_.append(value);  // the parser learns it later
}

void Fields::set_last_value(std::string_view value) {
  EXPOSEE_ASSERT(!entries_.empty(), "a field is added before its value is set");
  set_value(entries_.back(), value);
}

void Fields::replace(std::string_view wanted, std::string_view value) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (equals_ignoring_case(name(i), wanted)) return set_value(entries_[i], value);
  }
  add(wanted, value);
}

void Fields::set_value(Entry& entry, std::string_view value) {
  entry.value_at = static_cast<std::uint32_t>(text_.size());
  entry.value_size = static_cast<std::uint32_t>(value.size());
  text_.append(value);
}

void Fields::extend_last_value(std::string_view more) {
  EXPOSEE_ASSERT(!entries_.empty(), "a field is added before its value goes on");
  Entry& entry = entries_.back();
  if (entry.value_size > 0) text_.push_back(' ');
  text_.append(more);
  entry.value_size = static_cast<std::uint32_t>(text_.size()) - entry.value_at;
}

void Fields::clear() {
  clear_to(text_, kMaxTextKept);
  entries_.clear();
  if (entries_.capacity() > kMaxEntriesKept) std::vector<Entry>().swap(entries_);
  marks_ = 0;
}

std::optional<std::string_view> Fields::search(std::string_view wanted) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].name_size != wanted.size()) continue;  // tells nearly all apart
    if (equals_ignoring_case(name(i), wanted)) return value(i);
  }
  return std::nullopt;
}

std::string_view Fields::name(std::size_t i) const {
  EXPOSEE_ASSERT(i < entries_.size(), "fields are asked for by number below size()");
  return {text_.data() + entries_[i].name_at, entries_[i].name_size};
}

std::string_view Fields::value(std::size_t i) const {
  EXPOSEE_ASSERT(i < entries_.size(), "fields are asked for by number below size()");
  return {text_.data() + entries_[i].value_at, entries_[i].value_size};
}

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const auto mark = target.find('?');
  return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

std::string_view reason_phrase(int status) {
  const auto at = static_cast<std::size_t>(status);
  return at < kPhrases.size() ? kPhrases[at] : std::string_view{};
}

}  // namespace exposee::http

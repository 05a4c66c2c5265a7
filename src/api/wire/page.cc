#include "api/wire/page.h"

#include <fmt/format.h>

#include <charconv>

#include "api/v1/body.h"
#include "api/wire/query.h"
#include "core/url/percent.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

// The query with its cursor replaced.
std::string query_with_cursor(std::string_view query, std::string_view cursor) {
  std::string next;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == query.npos ? query.size() : end + 1);
    if (pair.empty() || percent_decoded(pair.substr(0, pair.find('=')), true) == "cursor") continue;
    next.append(pair).append("&");
  }
  return next.append("cursor=").append(percent_encoded(cursor));
}

// A query may hold bytes that would end the link early: "<" and ">" are sent as they came by careless
// clients.
std::string link_safe(std::string_view target) {
  std::string safe;
  for (const char c : target) {
    const bool plain = c > ' ' && c < 0x7F && c != '<' && c != '>' && c != '"';
    if (plain)
      safe += c;
    else
      safe += percent_encoded({&c, 1});
  }
  return safe;
}

}  // namespace

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, number);
  if (fault != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

PageRequest page_request(std::string_view query, std::vector<FieldError>& errors) {
  PageRequest request;
  request.cursor = query_value(query, "cursor").value_or("");
  const auto limit = query_value(query, "limit");
  if (!limit || limit->empty()) return request;
  const auto number = whole_number(*limit);
  if (number && *number >= 1 && *number <= kMaxPageRows) {
    request.limit = static_cast<std::uint32_t>(*number);
  } else {
    errors.push_back(parameter_error("limit", fmt::format("must be a number from 1 to {}", kMaxPageRows)));
  }
  return request;
}

std::uint64_t number_cursor(std::string_view cursor, std::vector<FieldError>& errors) {
  if (cursor.empty()) return 0;
  const auto number = whole_number(cursor);
  if (!number) errors.push_back(parameter_error("cursor", "must be the next_cursor of a page of this list"));
  return number.value_or(0);
}

FieldError parameter_error(std::string_view name, std::string message) {
  return {"/query" + pointer_to(name), std::move(message)};
}

Problem query_problem(std::vector<FieldError> errors) {
  return {&problems.invalid_request, "Invalid query parameter", std::move(errors)};
}

http::Response page_response(std::string rows, const std::optional<std::string>& next_cursor,
                             std::string_view query) {
  JsonWriter json;
  json.begin_object().raw_member("data", rows).member("next_cursor", next_cursor);
  json.member("has_more", next_cursor.has_value()).end_object();
  auto response = to_response({.status = 200, .body = json.take()});
  response.headers.add("cache-control: no-store");
  if (next_cursor) {
    const std::string target = link_safe(query_with_cursor(query, *next_cursor));
    response.headers.add("link: ", fmt::format("<?{}>; rel=\"next\"", target));
  }
  return response;
}

}  // namespace exposee::api

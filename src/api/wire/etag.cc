#include "api/wire/etag.h"

#include <fmt/format.h>

#include "core/digest.h"

namespace exposee::api {
namespace {

constexpr std::size_t kTagBytes = 16;  // of the digest: enough that two contents never share one

std::string_view without_weakness(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag;
}

// Whether `matches` says yes to one of the listed tags; "*" stands for any.
template <class Matches>
bool any_tag(std::string_view list, Matches matches) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view tag = list.substr(0, comma);
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    while (!tag.empty() && tag.front() == ' ') tag.remove_prefix(1);
    while (!tag.empty() && tag.back() == ' ') tag.remove_suffix(1);
    if (tag == "*" || matches(tag)) return true;
  }
  return false;
}

}  // namespace

std::string etag_of(std::string_view content) {
  return fmt::format("\"{}\"", hex_text(std::string_view(sha256(content)).substr(0, kTagBytes)));
}

bool is_known(const http::Request& request, std::string_view etag) {
  const auto header = request.header("if-none-match");
  return header && any_tag(*header, [&](std::string_view tag) {
           return without_weakness(tag) == without_weakness(etag);
         });
}

bool is_named(std::string_view if_match, std::string_view etag) {
  return any_tag(if_match, [&](std::string_view tag) { return tag == etag && !tag.starts_with("W/"); });
}

std::string if_match_of(const http::Request& request) {
  return std::string(request.header("if-match").value_or(std::string_view{}));
}

http::Response with_etag(const http::Request& request, http::Response response) {
  auto etag = etag_of(response.body);
  return with_etag(request, std::move(response), std::move(etag));
}

http::Response with_etag(const http::Request& request, http::Response response, std::string etag) {
  const bool known = is_known(request, etag);
  response.headers.add("etag: ", etag);
  response.headers.add("cache-control: no-cache");
  if (known) {
    response.status = 304;
    response.body.clear();
  }
  return response;
}

}  // namespace exposee::api

#include "api/etag.h"

#include <fmt/format.h>

#include "core/digest.h"

namespace exposee::api {
namespace {

constexpr std::size_t kTagBytes = 16;  // of the digest: enough that two contents never share one

std::string_view without_weakness(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag;
}

}  // namespace

bool is_known(const http::Request& request, std::string_view etag) {
  const auto header = request.header("if-none-match");
  if (!header) return false;
  std::string_view rest = *header;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    std::string_view tag = rest.substr(0, comma);
    rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
    while (!tag.empty() && tag.front() == ' ') tag.remove_prefix(1);
    while (!tag.empty() && tag.back() == ' ') tag.remove_suffix(1);
    if (tag == "*" || without_weakness(tag) == without_weakness(etag)) return true;
  }
  return false;
}

http::Response with_etag(const http::Request& request, http::Response response) {
  std::string etag =
      fmt::format("\"{}\"", hex_text(std::string_view(sha256(response.body)).substr(0, kTagBytes)));
  const bool known = is_known(request, etag);
  response.headers.emplace_back("etag", std::move(etag));
  response.headers.emplace_back("cache-control", "no-cache");
  if (known) {
    response.status = 304;
    response.body.clear();
  }
  return response;
}

}  // namespace exposee::api

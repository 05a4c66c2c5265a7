#include "api/access/origin.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/address/ip_address.h"
#include "core/text/text.h"

namespace exposee::api {
namespace {

constexpr std::uint16_t kHttpPort = 80, kHttpsPort = 443;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_';
}

// In normal form; empty when it is neither a name nor an address.
std::string normal_host(std::string_view host) {
  if (host.starts_with('[')) {
    const auto address =
        host.ends_with(']') ? IpAddress::parse(host.substr(1, host.size() - 2)) : std::nullopt;
    return address && address->v6 ? fmt::format("[{}]", address->text()) : std::string{};
  }
  return std::ranges::all_of(host, is_name_char) ? ascii_lower_case(host) : std::string{};
}

// All of `text` must be digits.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, fault] = std::from_chars(text.data(), end, port);
  return fault == std::errc{} && stopped == end ? std::optional(port) : std::nullopt;
}

// Takes "http://" or "https://" away.
std::optional<bool> take_scheme(std::string_view& text) {
  constexpr std::string_view kMark = "://";
  const auto mark = text.find(kMark);
  const std::string scheme = ascii_lower_case(text.substr(0, std::min(mark, text.size())));
  if (mark == text.npos || (scheme != "http" && scheme != "https")) return std::nullopt;
  text.remove_prefix(mark + kMark.size());
  return scheme == "https";
}

}  // namespace

std::string Authority::text() const {
  return port ? fmt::format("{}:{}", host, *port) : host;
}

std::optional<Authority> parse_authority(std::string_view text) {
  if (text.size() > kMaxAuthorityChars) return std::nullopt;
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == text.npos ? 0 : bracket);
  Authority authority{normal_host(text.substr(0, colon)), std::nullopt};
  if (authority.host.empty()) return std::nullopt;
  if (colon == text.npos || colon + 1 == text.size()) return authority;  // RFC 3986 allows an empty port
  authority.port = parse_port(text.substr(colon + 1));
  return authority.port ? std::optional(authority) : std::nullopt;
}

std::optional<Origin> parse_origin(std::string_view text) {
  const auto https = take_scheme(text);
  const auto authority = https ? parse_authority(text) : std::nullopt;
  return authority ? std::optional(origin_at(*https, *authority)) : std::nullopt;
}

Origin origin_at(bool https, const Authority& authority) {
  return {https, authority.host, authority.port.value_or(https ? kHttpsPort : kHttpPort)};
}

}  // namespace exposee::api

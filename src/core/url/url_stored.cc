// Stored URLs: cut up, not judged.
#include <algorithm>
#include <charconv>

#include "core/address/ip_address.h"
#include "core/url/url.h"

namespace exposee {
namespace {

constexpr std::string_view kHttp = "http://", kHttps = "https://";
constexpr std::uint16_t kHttpPort = 80, kHttpsPort = 443;
constexpr std::size_t kMaxStoredBytes = 64 * 1024;  // no version let in more: it is damage, not a URL

bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool read_port(std::string_view digits, std::uint16_t& port) {
  if (digits.empty()) return false;
  const auto end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, port);
  return read.ec == std::errc{} && read.ptr == end;
}

// "[::1]:8080", "host", "10.0.0.1:80"
bool read_authority(std::string_view authority, Url& url) {
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string_view host = authority.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (host.empty() || bracketed != (address && address->v6)) return false;
  url.host_kind = !address ? HostKind::name : address->v6 ? HostKind::ipv6 : HostKind::ipv4;
  url.host = host;
  url.port = url.https ? kHttpsPort : kHttpPort;
  return colon == std::string_view::npos || read_port(authority.substr(colon + 1), url.port);
}

}  // namespace

std::optional<Url> read_stored_url(std::string_view stored) {
  if (stored.size() > kMaxStoredBytes || !is_visible(stored)) return std::nullopt;
  Url url;
  url.text = stored;
  url.https = stored.starts_with(kHttps);
  if (!url.https && !stored.starts_with(kHttp)) return std::nullopt;
  const auto rest = stored.substr((url.https ? kHttps : kHttp).size());
  const auto end = std::min(rest.find_first_of("/?#"), rest.size());
  url.authority = rest.substr(0, end);
  if (!read_authority(url.authority, url)) return std::nullopt;
  url.target = rest.substr(end);
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

}  // namespace exposee

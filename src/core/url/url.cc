#include "core/url/url.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/text/text.h"
#include "core/url/url_host.h"
#include "core/url/url_port.h"
#include "core/url/url_target.h"

namespace exposee {
namespace {

constexpr std::uint16_t kHttpPort = 80, kHttpsPort = 443;
constexpr std::size_t kSlashes = 2;  // between scheme and host

std::unexpected<UrlError> refuse(UrlFault fault, std::string message) {
  return std::unexpected(UrlError{fault, std::move(message)});
}

// A URL cut into its parts, nothing of which is judged yet.
struct Parts {
  bool https = false;
  std::size_t slashes = 0;  // after the scheme's colon
  bool userinfo = false;
  std::string_view host;    // brackets included
  std::string_view port;    // digits; empty when none is written
  std::string_view target;  // path and query
  bool fragment = false;
};

// What the URL standard drops before it reads: controls and spaces at both ends, tabs and line ends
// everywhere.
std::string without_ignored(std::string_view text) {
  const auto ignored_at_end = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!text.empty() && ignored_at_end(text.front())) text.remove_prefix(1);
  while (!text.empty() && ignored_at_end(text.back())) text.remove_suffix(1);
  std::string kept(text);
  std::erase_if(kept, [](char c) { return c == '\t' || c == '\n' || c == '\r'; });
  return kept;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_scheme(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return false;
  return std::ranges::all_of(text, [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
}

// Takes "http:" or "https:" away.
std::expected<bool, UrlError> take_scheme(std::string_view& rest) {
  const auto colon = rest.find(':');
  const std::string_view scheme = rest.substr(0, colon);
  if (colon == std::string_view::npos || !is_scheme(scheme)) {
    return refuse(UrlFault::parsing, "This is not a valid URL: it must begin with http:// or https://");
  }
  rest.remove_prefix(colon + 1);
  const std::string lower = ascii_lower_case(scheme);
  if (lower == "http") return false;
  if (lower == "https") return true;
  return refuse(UrlFault::scheme,
                fmt::format("A URL must begin with http:// or https://, not with '{}:'", lower));
}

// Cuts "user@host:port" up. The host ends at the last colon outside of brackets.
void split_authority(std::string_view authority, Parts& parts) {
  const auto at = authority.rfind('@');
  parts.userinfo = at != std::string_view::npos;
  if (parts.userinfo) authority.remove_prefix(at + 1);
  const auto bracket = authority.rfind(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = authority.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = authority.substr(colon + 1);
}

// As the URL standard does for http, a backslash ends the host like a slash; a rule refuses it afterwards.
std::expected<Parts, UrlError> split(std::string_view rest) {
  const auto https = take_scheme(rest);
  if (!https) return std::unexpected(https.error());
  Parts parts{.https = *https};
  parts.slashes = std::min(rest.find_first_not_of("/\\"), rest.size());
  rest.remove_prefix(parts.slashes);
  const auto end = std::min(rest.find_first_of("/\\?#"), rest.size());
  split_authority(rest.substr(0, end), parts);
  rest.remove_prefix(end);
  const auto hash = rest.find('#');
  parts.fragment = hash != std::string_view::npos;
  parts.target = rest.substr(0, hash);
  return parts;
}

// The port's number, or the scheme's default; nothing when it is none.
std::optional<std::uint16_t> parse_port(const Parts& parts) {
  if (parts.port.empty()) return parts.https ? kHttpsPort : kHttpPort;
  std::uint32_t port = 0;
  for (const char c : parts.port) {
    if (c < '0' || c > '9') return std::nullopt;
    port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (port > 0xFFFF) return std::nullopt;
  }
  return static_cast<std::uint16_t>(port);
}

bool has_blank_or_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; });
}

// The first rule that a readable URL breaks, ports aside.
std::optional<std::string> broken_rule(std::string_view text, const Parts& parts, const UrlHost& host) {
  if (has_blank_or_control(text))
    return "The URL has a space or control character; write it as %20 or leave it out";
  if (text.find('\\') != std::string_view::npos) return "The URL has a backslash; write '/' or %5C";
  if (parts.userinfo)
    return "The URL has a user name or password before an '@'; do not put credentials in a URL";
  if (parts.fragment) return "The URL has a fragment ('#...'), which is never sent; leave it out";
  if (host.broken_rule) return host.broken_rule;
  if (parts.slashes != kSlashes && host.kind != HostKind::name) {
    return fmt::format("A URL has exactly two slashes before the host; write '//{}'", parts.host);
  }
  return std::nullopt;
}

Url assemble(const Parts& parts, UrlHost host, std::uint16_t port) {
  Url url{.https = parts.https, .host_kind = host.kind, .host = std::move(host.text), .port = port};
  url.authority = url.host_kind == HostKind::ipv6 ? fmt::format("[{}]", url.host) : url.host;
  if (port != (url.https ? kHttpsPort : kHttpPort)) url.authority += fmt::format(":{}", port);
  url.target = normal_target(parts.target);
  url.text = fmt::format("{}://{}{}", url.https ? "https" : "http", url.authority, url.target);
  return url;
}

}  // namespace

std::string_view to_text(UrlFault fault) {
  switch (fault) {
    case UrlFault::parsing:
      return "url_parsing";
    case UrlFault::scheme:
      return "url_scheme";
    case UrlFault::too_long:
      return "url_too_long";
    case UrlFault::rule:
      break;
  }
  return "value_error";
}

namespace {

std::unexpected<UrlError> too_long(std::size_t bytes, std::string_view of_what) {
  return refuse(UrlFault::too_long,
                fmt::format("The URL has {} bytes{}; at most {} are allowed", bytes, of_what, kMaxUrlChars));
}

std::expected<Url, UrlError> read_any_length(std::string_view text) {
  if (!is_valid_utf8(text)) return refuse(UrlFault::parsing, "The URL is not valid UTF-8");
  const std::string readable = without_ignored(text);
  const auto parts = split(readable);
  if (!parts) return std::unexpected(parts.error());
  auto host = parse_url_host(parts->host);
  if (!host) return refuse(UrlFault::parsing, std::move(host.error()));
  const auto port = parse_port(*parts);
  if (!port)
    return refuse(UrlFault::parsing, fmt::format("'{}' is not a valid port (1 to 65535)", parts->port));
  if (auto rule = broken_rule(text, *parts, *host)) return refuse(UrlFault::rule, *std::move(rule));
  if (*port == 0) return refuse(UrlFault::rule, "Port 0 cannot be used; name a port from 1 to 65535");
  return assemble(*parts, *std::move(host), *port);
}

std::expected<Url, UrlError> refuse_port(std::expected<Url, UrlError> url) {
  if (!url || !is_refused_port(url->port)) return url;
  return refuse(UrlFault::rule,
                fmt::format("Port {} belongs to another kind of service; use a different one", url->port));
}

}  // namespace

// Percent-encoding makes a URL longer: what is stored is judged too.
std::expected<Url, UrlError> parse_server_url(std::string_view text) {
  if (text.size() > kMaxUrlChars) return too_long(text.size(), "");
  auto url = read_any_length(text);
  if (url && url->text.size() > kMaxUrlChars) return too_long(url->text.size(), " in its normal form");
  return url;
}

std::expected<Url, UrlError> parse_url(std::string_view text) {
  return refuse_port(parse_server_url(text));
}

std::expected<Url, UrlError> judge_stored_url(std::string_view stored) {
  return refuse_port(read_any_length(stored));
}

}  // namespace exposee

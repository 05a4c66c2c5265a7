// Origins as browsers send them (RFC 6454; "serialised origin" of the HTML standard), and the authority that the
// Host header names (RFC 9110 section 7.2), in one form, so that they can be compared. Values only; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace exposee::api {

// Of a Host header or an origin that is looked at: a name has 253 characters at most, a port five.
constexpr std::size_t kMaxAuthorityChars = 260;

struct Authority {
  std::string host;                   // lower case; addresses in normal form, IPv6 in brackets
  std::optional<std::uint16_t> port;  // as written
  std::string text() const;           // "localhost:8000"
};
// Nothing unless it is a plain name or address: letters, digits, '.', '-' and '_', or an IPv6 address in brackets.
std::optional<Authority> parse_authority(std::string_view text);

struct Origin {
  bool https = false;
  std::string host;  // as Authority::host
  std::uint16_t port = 0;
  bool operator==(const Origin&) const = default;
};
// Nothing for "null", for other schemes, and for what no browser writes (a path, even "/", a user name).
std::optional<Origin> parse_origin(std::string_view text);
// The origin of pages that come from there.
Origin origin_at(bool https, const Authority& authority);

}  // namespace exposee::api

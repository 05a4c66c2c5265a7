#include "core/address/ip_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <charconv>
#include <initializer_list>
#include <span>

namespace exposee {
namespace {

using Pieces = std::array<unsigned, 8>;  // an IPv6 address as groups of 16 bits

Pieces pieces_of(const IpAddress& address) {
  Pieces pieces;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    pieces[i] = address.bytes[2 * i] << 8 | address.bytes[2 * i + 1];
  return pieces;
}

struct Run {
  std::size_t begin = 0, size = 0;
};

// The first longest run of at least two zero groups, which "::" stands for.
Run longest_zero_run(const Pieces& pieces) {
  Run best;
  for (std::size_t at = 0; at < pieces.size();) {
    std::size_t end = at;
    while (end < pieces.size() && pieces[end] == 0) ++end;
    if (end - at >= 2 && end - at > best.size) best = {at, end - at};
    at = end + 1;
  }
  return best;
}

std::string ipv6_text(const IpAddress& address) {
  const Pieces pieces = pieces_of(address);
  const Run run = longest_zero_run(pieces);
  std::string text;
  for (std::size_t i = 0; i < pieces.size();) {
    if (run.size > 0 && i == run.begin) {
      text += "::";
      i += run.size;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", pieces[i++]);
  }
  return text;
}

// A prefix of an IPv6 address, the rest being zero.
bool begins(const IpAddress& address, std::initializer_list<unsigned> pieces) {
  const Pieces all = pieces_of(address);
  return address.v6 && std::equal(pieces.begin(), pieces.end(), all.begin());
}

// ::a.b.c.d. "::" and "::1" are addresses of their own (RFC 4291 2.5.2 and 2.5.3), and 0.0.c.d is not assigned.
bool is_ipv4_compatible(const IpAddress& address) {
  return begins(address, {0, 0, 0, 0, 0, 0}) && pieces_of(address)[6] != 0;
}

IpAddress ipv4_at(const IpAddress& address, std::size_t offset) {
  IpAddress inner;
  std::copy_n(address.bytes.begin() + static_cast<std::ptrdiff_t>(offset), 4, inner.bytes.begin());
  return inner;
}

// `address` with every bit from `bits` on cleared.
IpAddress masked(IpAddress address, int bits) {
  for (int i = 0; i < static_cast<int>(address.bytes.size()); ++i) {
    const int kept = std::clamp(bits - 8 * i, 0, 8);
    address.bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xFF00 >> kept);
  }
  return address;
}

Error invalid(std::string message) {
  return Error{ErrorCode::invalid, std::move(message), "A network looks like '10.0.0.0/8' or 'fd00::/8'."};
}

std::optional<int> parse_prefix(std::string_view text, int most) {
  int bits = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  if (error != std::errc{} || end != text.data() + text.size() || bits < 0 || bits > most)
    return std::nullopt;
  return bits;
}

}  // namespace

std::string IpAddress::text() const {
  return v6 ? ipv6_text(*this) : fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  IpAddress address;
  if (text.find(':') == std::string_view::npos) {
    const auto v4 = boost::urls::parse_ipv4_address(text);
    if (!v4) return std::nullopt;
    std::ranges::copy(v4->to_bytes(), address.bytes.begin());
    return address;
  }
  const auto v6 = boost::urls::parse_ipv6_address(text);
  if (!v6) return std::nullopt;
  address.v6 = true;
  address.bytes = v6->to_bytes();
  return address;
}

bool Network::contains(const IpAddress& address) const {
  return address.v6 == base.v6 && masked(address, prefix_bits) == masked(base, prefix_bits);
}

Result<Network> Network::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base) return invalid(fmt::format("'{}' does not begin with an IP address", text));
  if (slash == std::string_view::npos) return Network{*base, base->bits()};
  const auto bits = parse_prefix(text.substr(slash + 1), base->bits());
  if (!bits) return invalid(fmt::format("'{}' has no prefix length from 0 to {}", text, base->bits()));
  if (masked(*base, *bits) != *base) {
    return invalid(fmt::format("'{}' has bits beyond its prefix; the network is '{}/{}'", text,
                               masked(*base, *bits).text(), *bits));
  }
  return Network{*base, *bits};
}

bool is_ipv4_mapped(const IpAddress& address) {
  return begins(address, {0, 0, 0, 0, 0, 0xFFFF});
}

bool is_isatap(const IpAddress& address) {
  const Pieces pieces = pieces_of(address);
  return address.v6 && (pieces[4] == 0 || pieces[4] == 0x200) && pieces[5] == 0x5EFE;
}

std::optional<IpAddress> embedded_ipv4(const IpAddress& address) {
  constexpr std::size_t kAtEnd = 12, kAfter6to4 = 2;
  const bool at_end = is_ipv4_mapped(address) || is_ipv4_compatible(address) || is_isatap(address) ||
                      begins(address, {0, 0, 0, 0, 0xFFFF, 0}) || begins(address, {0x64, 0xFF9B, 0, 0, 0, 0});
  if (at_end) return ipv4_at(address, kAtEnd);
  if (begins(address, {0x2002})) return ipv4_at(address, kAfter6to4);
  return std::nullopt;
}

}  // namespace exposee

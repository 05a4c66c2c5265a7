// IP addresses and networks as values: text to bytes and back. What they mean for deliveries: core/address/address.h.
// Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"

namespace exposee {

struct IpAddress {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};  // 4 used for IPv4, network order
  bool operator==(const IpAddress&) const = default;
  // Dotted decimal; for IPv6 the URL standard's form, which is RFC 5952 without dotted endings.
  std::string text() const;
  // Four decimal octets without leading zeros, or RFC 4291 section 2.2 text without zone or brackets.
  static std::optional<IpAddress> parse(std::string_view text);
  int bits() const { return v6 ? 128 : 32; }
};

// A CIDR range an operator opened: "10.0.0.0/8", "fd00::/8".
struct Network {
  IpAddress base;
  int prefix_bits = 0;
  bool contains(const IpAddress& address) const;  // never across the two families
  bool operator==(const Network&) const = default;
  // An address alone is the network of that one address. Error: invalid, when it is not an address, the prefix is
  // out of range or the address has bits beyond it.
  static Result<Network> parse(std::string_view text);
};

// The IPv4 address inside an IPv6 address of a form that carries one: IPv4-mapped, IPv4-compatible,
// IPv4-translated, NAT64 (RFC 6052's well-known prefix), 6to4 and ISATAP.
std::optional<IpAddress> embedded_ipv4(const IpAddress& address);
bool is_ipv4_mapped(const IpAddress& address);  // ::ffff:0:0/96
bool is_isatap(const IpAddress& address);       // interface id 0:5efe:a.b.c.d or 200:5efe:a.b.c.d

}  // namespace exposee

// The deny table of promises section 3.3: networks no delivery goes to unless an operator allows them, each
// with the reason shown to people. The same rows stand in tests/data/blocked-networks.txt; a test compares
// them. Constants only; any thread.
#pragma once

#include <array>
#include <string_view>

namespace exposee {

struct BlockedNetwork {
  std::string_view cidr;
  std::string_view reason;
};

inline constexpr std::array kBlockedNetworks = {
    BlockedNetwork{"0.0.0.0/8", "this network"},
    BlockedNetwork{"10.0.0.0/8", "private"},
    BlockedNetwork{"100.64.0.0/10", "shared (CGNAT), Alibaba metadata"},
    BlockedNetwork{"127.0.0.0/8", "loopback"},
    BlockedNetwork{"168.63.129.16/32", "Azure WireServer"},
    BlockedNetwork{"169.254.0.0/16", "link-local, metadata"},
    BlockedNetwork{"172.16.0.0/12", "private"},
    BlockedNetwork{"192.0.0.0/24", "IETF protocol assignments, Oracle metadata"},
    BlockedNetwork{"192.0.2.0/24", "documentation"},
    BlockedNetwork{"192.31.196.0/24", "AS112"},
    BlockedNetwork{"192.52.193.0/24", "AMT"},
    BlockedNetwork{"192.88.99.0/24", "6to4 relay (deprecated)"},
    BlockedNetwork{"192.168.0.0/16", "private"},
    BlockedNetwork{"192.175.48.0/24", "AS112 direct"},
    BlockedNetwork{"198.18.0.0/15", "benchmarking"},
    BlockedNetwork{"198.51.100.0/24", "documentation"},
    BlockedNetwork{"203.0.113.0/24", "documentation"},
    BlockedNetwork{"224.0.0.0/4", "multicast"},
    BlockedNetwork{"240.0.0.0/4", "reserved, broadcast"},
    BlockedNetwork{"::/128", "unspecified"},
    BlockedNetwork{"::1/128", "loopback"},
    BlockedNetwork{"::/96", "IPv4-compatible (deprecated)"},
    BlockedNetwork{"::ffff:0:0/96", "IPv4-mapped: judge the inner IPv4 address"},
    BlockedNetwork{"::ffff:0:0:0/96", "IPv4-translated"},
    BlockedNetwork{"64:ff9b::/96", "NAT64"},
    BlockedNetwork{"64:ff9b:1::/48", "NAT64 local use"},
    BlockedNetwork{"100::/64", "discard"},
    BlockedNetwork{"100:0:0:1::/64", "dummy prefix"},
    BlockedNetwork{"2001::/23", "IETF assignments (Teredo, benchmarking, ORCHID, AS112)"},
    BlockedNetwork{"2001:db8::/32", "documentation"},
    BlockedNetwork{"2002::/16", "6to4"},
    BlockedNetwork{"2620:4f:8000::/48", "AS112"},
    BlockedNetwork{"3ffe::/16", "6bone"},
    BlockedNetwork{"3fff::/20", "documentation"},
    BlockedNetwork{"5f00::/16", "SRv6"},
    BlockedNetwork{"fc00::/7", "unique local, metadata"},
    BlockedNetwork{"fe80::/10", "link-local"},
    BlockedNetwork{"fec0::/10", "site-local (deprecated)"},
    BlockedNetwork{"ff00::/8", "multicast"},
};

}  // namespace exposee

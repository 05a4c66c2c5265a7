#include "net/server/peer_limit.h"

#include <gtest/gtest.h>

namespace exposee::net {
namespace {

PeerKey key(std::string_view address) {
  return peer_key(*IpAddress::parse(address));
}

IpAddress ip(std::string_view address) {
  return *IpAddress::parse(address);
}

TEST(PeerLimitTest, CountsEachPeerByItself) {
  PeerLimit limit(2, {});
  EXPECT_TRUE(limit.enter(ip("192.0.2.1")));
  EXPECT_TRUE(limit.enter(ip("192.0.2.1")));
  EXPECT_FALSE(limit.enter(ip("192.0.2.1")));
  EXPECT_TRUE(limit.enter(ip("192.0.2.2")));
  limit.leave(key("192.0.2.1"));
  EXPECT_TRUE(limit.enter(ip("192.0.2.1")));
}

TEST(PeerLimitTest, AnIpv6PeerIsItsSlash64) {
  EXPECT_EQ(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
  EXPECT_NE(key("192.0.2.1"), key("192.0.2.2"));
}

TEST(PeerLimitTest, ALimitOfZeroLetsNobodyIn) {
  PeerLimit limit(0, {});
  EXPECT_FALSE(limit.enter(ip("192.0.2.1")));
}

TEST(PeerLimitTest, BehindASharedPeerNothingIsLimited) {
  PeerLimit limit(1, {*Network::parse("198.51.100.0/24"), *Network::parse("::1")});
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(limit.enter(ip("198.51.100.7")));
    EXPECT_TRUE(limit.enter(ip("::1")));
  }
  EXPECT_TRUE(limit.enter(ip("192.0.2.1")));
  EXPECT_FALSE(limit.enter(ip("192.0.2.1")));
}

}  // namespace
}  // namespace exposee::net

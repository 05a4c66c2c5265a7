#include "core/address/ip_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

namespace exposee {
namespace {

TEST(IpAddress, TextIsTheUrlStandards) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows = {
      {"1.2.3.4", "1.2.3.4"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"0:0:0:0:0:0:0:1", "::1"},
      {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::ffff:127.0.0.1", "::ffff:7f00:1"},
      {"0001:0002:0003:0004:0005:0006:0007:0008", "1:2:3:4:5:6:7:8"}};
  for (const auto& [text, expected] : rows) {
    const auto address = IpAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), expected);
    EXPECT_EQ(IpAddress::parse(address->text()), address);
  }
}

TEST(IpAddress, OtherTextIsRefused) {
  for (const std::string_view text :
       {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "0x1.2.3.4", ":",
        ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "fe80::1%eth0", "[::1]",
        "::1.2.3", "::01.2.3.4"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(IpAddress, NetworksContainWhatSharesTheirPrefix) {
  struct Row {
    std::string_view network, address;
    bool inside;
  };
  const std::vector<Row> rows = {{"10.0.0.0/8", "10.255.255.255", true},
                                 {"10.0.0.0/8", "11.0.0.0", false},
                                 {"198.18.0.0/15", "198.19.255.255", true},
                                 {"198.18.0.0/15", "198.20.0.0", false},
                                 {"0.0.0.0/0", "1.2.3.4", true},
                                 {"0.0.0.0/0", "::1", false},
                                 {"::/0", "ffff::", true},
                                 {"::/0", "1.2.3.4", false},
                                 {"1.2.3.4", "1.2.3.4", true},
                                 {"1.2.3.4", "1.2.3.5", false},
                                 {"fc00::/7", "fdff::1", true},
                                 {"fc00::/7", "fe00::", false},
                                 {"::1/128", "::1", true},
                                 {"::1/128", "::", false}};
  for (const auto& row : rows) {
    EXPECT_EQ(Network::parse(row.network).value().contains(IpAddress::parse(row.address).value()), row.inside)
        << row.network << ' ' << row.address;
  }
}

TEST(IpAddress, WhatIsNoNetworkIsRefused) {
  for (const std::string_view text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/8/8", "10.0.0.1/8",
        "fd00::/129", "fd00::1/8", "10/8", "localhost/8"}) {
    const auto network = Network::parse(text);
    ASSERT_FALSE(network) << text;
    EXPECT_EQ(network.error().code, ErrorCode::invalid);
  }
  EXPECT_THAT(Network::parse("10.0.0.1/8").error().message, testing::HasSubstr("10.0.0.0/8"));
}

TEST(IpAddress, Ipv4IsFoundInsideIpv6) {
  for (const std::string_view text : {"::ffff:1.2.3.4", "::1.2.3.4", "::ffff:0:1.2.3.4", "64:ff9b::1.2.3.4",
                                      "2002:102:304::9", "2a00::5efe:102:304", "fe80::200:5efe:1.2.3.4"}) {
    EXPECT_EQ(embedded_ipv4(IpAddress::parse(text).value()), IpAddress::parse("1.2.3.4")) << text;
  }
  for (const std::string_view text :
       {"1.2.3.4", "::", "::1", "2001:db8::1.2.3.4", "fe80::100:5efe:1.2.3.4"}) {
    EXPECT_FALSE(embedded_ipv4(IpAddress::parse(text).value())) << text;
  }
}

}  // namespace
}  // namespace exposee

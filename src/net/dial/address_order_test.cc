#include "net/dial/address_order.h"

#include <gtest/gtest.h>

#include <string>

namespace exposee::net {
namespace {

std::vector<IpAddress> parsed(const std::vector<std::string>& texts) {
  std::vector<IpAddress> addresses;
  for (const auto& text : texts) addresses.push_back(*IpAddress::parse(text));
  return addresses;
}

TEST(AddressOrder, TheFamiliesTakeTurnsAndTheBetterOneBegins) {
  struct Row {
    std::vector<std::string> v6, v4, order;
  };
  const Row rows[] = {
      {{}, {}, {}},
      {{}, {"192.0.2.1", "192.0.2.2"}, {"192.0.2.1", "192.0.2.2"}},
      {{"2001:db8::1", "2001:db8::2"}, {"192.0.2.1"}, {"2001:db8::1", "192.0.2.1", "2001:db8::2"}},
      {{"fd00::1"}, {"192.0.2.1"}, {"192.0.2.1", "fd00::1"}},
      {{"2002:c000:201::1"}, {"192.0.2.1"}, {"192.0.2.1", "2002:c000:201::1"}},
      {{"fd00::1", "2001:db8::1"}, {"192.0.2.1"}, {"fd00::1", "192.0.2.1", "2001:db8::1"}},
      {{}, {"192.0.2.1", "192.0.2.1"}, {"192.0.2.1"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(in_order_of_trial(parsed(row.v6), parsed(row.v4)), parsed(row.order));
  }
}

TEST(AddressOrder, SixteenAreEnoughOfBothFamilies) {
  std::vector<std::string> v6, v4;
  for (int i = 0; i < 4000; ++i) {
    v6.push_back("2001:db8::" + std::to_string(i % 1000));
    v4.push_back("192.0.2." + std::to_string(i % 256));
  }
  const auto order = in_order_of_trial(parsed(v6), parsed(v4));
  ASSERT_EQ(order.size(), kMaxAddresses);
  EXPECT_TRUE(order[0].v6);
  EXPECT_FALSE(order[1].v6);
}

}  // namespace
}  // namespace exposee::net

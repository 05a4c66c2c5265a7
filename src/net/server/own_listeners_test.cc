#include "net/server/own_listeners.h"

#include <gtest/gtest.h>

namespace exposee::net {
namespace {

TEST(OwnListeners, AreWhatIsBoundAndWhatTheMachineHas) {
  const auto own = own_listeners({{"0.0.0.0", 8000}, {"::1", 8001}});
  ASSERT_EQ(own.places.size(), 2u);
  EXPECT_EQ(own.places[1].address.text(), "::1");
  EXPECT_EQ(own.places[1].port, 8001);
  for (const auto& address : own.of_machine) EXPECT_TRUE(own.has(address, 8000)) << address.text();
  EXPECT_FALSE(own.has(IpAddress::parse("192.0.2.1").value(), 8000)) << "an address of documentation";
}

}  // namespace
}  // namespace exposee::net

#include "app/run/own_hosts.h"

#include <gmock/gmock.h>

namespace exposee::app {
namespace {

using testing::ElementsAre;

TEST(OwnHosts, AloneAreLoopbackTheListenersAndTheMachinesName) {
  Settings settings;
  EXPECT_THAT(own_hosts(settings, {}, "box"),
              ElementsAre("localhost", "127.0.0.1", "[::1]", "127.0.0.1", "box"));
  settings.server.listen = {{"::1", 8000}, {"hooks.test", 8000}};
  EXPECT_THAT(own_hosts(settings, {}, ""),
              ElementsAre("localhost", "127.0.0.1", "[::1]", "[::1]", "hooks.test"));
}

TEST(OwnHosts, TheMachinesAddressesAndThePublicUrlsHostAreAmongThem) {
  Settings settings;
  settings.server.listen = {{"0.0.0.0", 8000}};
  OwnListeners own;
  own.of_machine = {*IpAddress::parse("10.0.0.5"), *IpAddress::parse("2001:db8::7")};
  own.public_host = "hooks.example.com";
  EXPECT_THAT(own_hosts(settings, own, "box.example.com"),
              ElementsAre("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "10.0.0.5", "[2001:db8::7]",
                          "box.example.com", "hooks.example.com"));
}

TEST(OwnHosts, AMachineHasOneNameOrNone) {
  EXPECT_EQ(machine_name().find('\0'), std::string::npos);
  EXPECT_LE(machine_name().size(), 255u);
}

}  // namespace
}  // namespace exposee::app

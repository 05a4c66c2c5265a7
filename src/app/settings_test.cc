#include "app/settings.h"

#include <gtest/gtest.h>

namespace exposee::app {
namespace {

net::ListenAddress at(std::string_view text) {
  return net::parse_listen_address(text).value();
}

TEST(Settings, TellHowToCallAListenerFromThisMachine) {
  const struct {
    std::string_view address, url;
  } rows[] = {{"127.0.0.1:8000", "http://127.0.0.1:8000"}, {"localhost:1", "http://localhost:1"},
              {"[::1]:8000", "http://[::1]:8000"},         {"0.0.0.0:80", "http://127.0.0.1:80"},
              {"[::]:65535", "http://[::1]:65535"},        {"192.168.1.2:8000", "http://192.168.1.2:8000"}};
  for (const auto& row : rows) EXPECT_EQ(local_url(at(row.address)), row.url);
}

TEST(Settings, AreForThisMachineOnlyAsLongAsEveryAddressIsLoopback) {
  Settings settings;
  EXPECT_TRUE(settings.listens_on_loopback_only());
  EXPECT_TRUE(settings.address_policy().allow_private);
  settings.server.listen = {at("127.0.0.1:8000"), at("[::1]:8000")};
  EXPECT_TRUE(settings.listens_on_loopback_only());
  settings.server.listen.push_back(at("10.0.0.1:8000"));
  EXPECT_FALSE(settings.listens_on_loopback_only());
  EXPECT_FALSE(settings.address_policy().allow_private);
}

TEST(Settings, HandTheAddressRulesOn) {
  Settings settings;
  settings.security.https_only = true;
  settings.security.allow_hosts = {"receiver"};
  settings.security.allow_networks = {Network::parse("10.0.0.0/8").value()};
  const AddressPolicy policy = settings.address_policy();
  EXPECT_TRUE(policy.https_only);
  EXPECT_EQ(policy.allow_hosts, settings.security.allow_hosts);
  EXPECT_EQ(policy.allow_networks.size(), 1u);
}

}  // namespace
}  // namespace exposee::app

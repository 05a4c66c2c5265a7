#include "app/settings/settings.h"

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

TEST(Settings, SayWhoMayReachTheServerAndSoWhetherPrivateReceiversAreOpen) {
  using enum AllowPrivate;
  const struct {
    std::vector<net::ListenAddress> listen;
    std::string public_url;
    bool others;
    AllowPrivate setting;
    bool open;
  } rows[] = {
      {{at("127.0.0.1:8000")}, "", false, automatic, true},
      {{at("127.0.0.1:8000"), at("[::1]:8000"), at("localhost:1")}, "", false, automatic, true},
      {{at("127.0.0.1:8000")}, "", false, no, false},
      {{at("127.0.0.1:8000")}, "https://hooks.example.com", true, automatic, false},
      {{at("127.0.0.1:8000")}, "https://hooks.example.com", true, yes, true},
      {{at("127.0.0.1:8000"), at("10.0.0.1:8000")}, "", true, automatic, false},
      {{at("0.0.0.0:8000")}, "", true, automatic, false},
      {{at("[::]:8000")}, "", true, yes, true},
  };
  for (const auto& row : rows) {
    Settings settings;
    settings.server.listen = row.listen;
    settings.server.public_url = row.public_url;
    settings.security.allow_private = row.setting;
    EXPECT_EQ(settings.exposure().to_others(), row.others) << row.listen.back().text() << row.public_url;
    EXPECT_EQ(settings.address_policy().allow_private, row.open) << row.listen.back().text() << row.public_url;
  }
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

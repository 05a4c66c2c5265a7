#include "net/dial/address_gate.h"

#include <gtest/gtest.h>

namespace exposee::net {
namespace {

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

AddressGate open_gate() {
  AddressGate gate({.allow_private = true});
  gate.refuse_own({{"0.0.0.0", 8000}, {"192.168.1.5", 9000}});
  return gate;
}

TEST(AddressGateTest, RefusesEveryWayToSayOurselves) {
  const auto gate = open_gate();
  for (const auto* text : {"127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"}) {
    const auto why = gate.refuse({ip(text)}, 8000, text, false);
    ASSERT_TRUE(why) << text;
    EXPECT_NE(why->find("never sends to itself"), std::string::npos) << *why;
    EXPECT_TRUE(gate.refuse({ip(text)}, 9000, text, false)) << text;
    EXPECT_FALSE(gate.refuse({ip("127.0.0.1")}, 8001, "localhost", false));
  }
  EXPECT_TRUE(gate.refuse({ip("192.168.1.5")}, 9000, "host", false));
  EXPECT_FALSE(gate.refuse({ip("192.168.1.6")}, 9000, "host", false));
}

TEST(AddressGateTest, OneRefusedAddressRefusesAll) {
  const auto gate = open_gate();
  EXPECT_FALSE(gate.refuse({ip("10.0.0.1"), ip("93.184.216.34")}, 80, "host", false));
  EXPECT_TRUE(gate.refuse({ip("93.184.216.34"), ip("169.254.169.254")}, 80, "host", false));
  EXPECT_TRUE(gate.refuse({ip("93.184.216.34"), ip("127.0.0.1")}, 8000, "host", false));
}

TEST(AddressGateTest, WhatTakesPublicReceiversOnlyDoesSoWhateverTheOperatorOpened) {
  AddressGate gate({.allow_private = true, .allow_networks = {}, .allow_hosts = {"hooks.shop.example"}});
  for (const auto* text : {"127.0.0.1", "10.0.0.1", "192.168.1.5", "::1", "fd00::1", "100.64.0.1"}) {
    EXPECT_FALSE(gate.refuse({ip(text)}, 80, "hooks.shop.example", false)) << text;
    const auto why = gate.refuse({ip("93.184.216.34"), ip(text)}, 80, "hooks.shop.example", true);
    EXPECT_NE(why.value_or("").find("takes public receivers only"), std::string::npos) << text;
  }
  EXPECT_FALSE(gate.refuse({ip("93.184.216.34")}, 80, "hooks.shop.example", true));
  const auto always = gate.refuse({ip("169.254.169.254")}, 80, "hooks.shop.example", true);
  EXPECT_NE(always.value_or("").find("metadata"), std::string::npos) << "what no endpoint may says so";
}

TEST(AddressGateTest, ANewPolicyIsAskedOfUrlsAndAddressesAlike) {
  AddressGate gate({.allow_private = true});
  const auto url = parse_url("http://receiver/").value();
  EXPECT_FALSE(gate.refuse(url, false));
  EXPECT_TRUE(gate.refuse(url, true));
  gate.set_policy({.allow_private = false});
  EXPECT_TRUE(gate.refuse(url, false));
  EXPECT_TRUE(gate.refuse({ip("10.0.0.1")}, 80, "receiver", false));
}

TEST(AddressGateTest, AConnectionThatCameOutAtOurselvesIsRecognised) {
  const auto gate = open_gate();
  EXPECT_TRUE(gate.reached_ourselves(ip("93.184.216.34"), ip("93.184.216.34"), 8000));
  EXPECT_FALSE(gate.reached_ourselves(ip("93.184.216.34"), ip("93.184.216.34"), 8001));
  EXPECT_FALSE(gate.reached_ourselves(ip("10.0.0.1"), ip("93.184.216.34"), 8000));
}

}  // namespace
}  // namespace exposee::net

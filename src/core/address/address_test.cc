#include "core/address/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/blocked_networks.h"
#include "fakes/tree.h"

namespace exposee {
namespace {

const AddressPolicy kPublic{};
const AddressPolicy kLocal{.allow_private = true};

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

AddressPolicy with_networks(std::initializer_list<std::string_view> texts) {
  AddressPolicy policy;
  for (const auto text : texts) policy.allow_networks.push_back(Network::parse(text).value());
  return policy;
}

// "refuse" (at parse or because of a name), "deny" (a literal address that parses) or "allow".
std::string verdict_on(const AddressPolicy& policy, std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return "refuse";
  if (!refuse_url(policy, *url)) return "allow";
  return url->host_kind == HostKind::name ? "refuse" : "deny";
}

TEST(Address, TheTableOfUrlVerdictsIsMet) {
  std::ifstream file(fakes::in_tree("tests/data/url-verdicts.tsv"));
  int checked = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto tab = line.find('\t');
    const auto text = boost::json::parse(line.substr(tab + 1));
    EXPECT_EQ(verdict_on(kPublic, std::string_view(text.as_string())), line.substr(0, tab)) << line;
    ++checked;
  }
  EXPECT_EQ(checked, 138);
}

TEST(Address, OnALoopbackServerPrivateReceiversAreOpen) {
  for (const std::string_view text :
       {"http://localhost:9000/hook", "http://LOCALHOST./",    "http://foo.localhost/",
        "http://receiver:3000/",      "http://printer.local/", "http://db.internal/",
        "http://127.0.0.1:9000/",     "http://127.9.9.9/",     "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/",      "http://172.31.255.255/",
        "http://192.168.1.1/",        "http://100.64.0.1/",    "http://169.254.1.1/",
        "http://[fd12::1]/",          "http://[fe80::1]/",     "https://8.8.8.8/",
        "https://hooks.example.com/", "http://ip6-localhost/"}) {
    EXPECT_EQ(verdict_on(kLocal, text), "allow") << text;
  }
}

TEST(Address, OnALoopbackServerTheRestOfTheTableStaysClosed) {
  for (const std::string_view text :
       {"http://0.0.0.0/", "http://[::]/", "http://192.0.2.1/", "http://198.18.0.1/", "http://224.0.0.1/",
        "http://240.0.0.1/", "http://255.255.255.255/", "http://[ff02::1]/", "http://[2001:db8::1]/",
        "http://172.32.0.1/x", "http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]/", "http://[::7f00:1]/",
        "http://[fec0::1]/", "http://[2a00:1450::5efe:7f00:1]/", "http://[4000::1]/"}) {
    const bool open = text == "http://172.32.0.1/x";  // just outside of 172.16.0.0/12: a public address
    EXPECT_EQ(verdict_on(kLocal, text), open ? "allow" : "deny") << text;
  }
}

TEST(Address, MetadataIsRefusedWhateverTheOperatorAllows) {
  AddressPolicy everything = with_networks({"0.0.0.0/0", "::/0"});
  everything.allow_private = true;
  everything.allow_hosts = {"metadata.google.internal", "169.254.169.254", "*.internal", "x.example"};
  for (const std::string_view text :
       {"169.254.169.254", "169.254.170.2", "168.63.129.16", "fd00:ec2::254", "100.100.100.200",
        "192.0.0.192", "169.254.0.23", "169.254.42.42", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1", "::a9fe:a9fe", "::ffff:0:a9fe:a9fe", "fe80::5efe:a9fe:a9fe"}) {
    EXPECT_THAT(refuse_address(everything, ip(text), "x.example"),
                testing::Optional(testing::HasSubstr("metadata")))
        << text;
  }
  EXPECT_EQ(verdict_on(everything, "http://metadata.google.internal./computeMetadata"), "refuse");
  EXPECT_EQ(verdict_on(everything, "http://metadata.tencentyun.com/"), "refuse");
  EXPECT_EQ(verdict_on(everything, "http://other.google.internal/"), "allow");
}

TEST(Address, NetworksOfTheOperatorOpenExactlyThemselves) {
  const AddressPolicy policy = with_networks({"10.1.0.0/16", "fd00:1::/32"});
  EXPECT_FALSE(refuse_address(policy, ip("10.1.2.3"), "x.example"));
  EXPECT_FALSE(refuse_address(policy, ip("::ffff:10.1.2.3"), "x.example"));
  EXPECT_FALSE(refuse_address(policy, ip("fd00:1::5"), "x.example"));
  EXPECT_TRUE(refuse_address(policy, ip("10.2.0.0"), "x.example"));
  EXPECT_TRUE(refuse_address(policy, ip("fd00:2::5"), "x.example"));
  EXPECT_EQ(verdict_on(policy, "http://intranet/"), "refuse");
}

TEST(Address, BehindATranslatorTheInnerAddressIsJudgedToo) {
  const AddressPolicy policy = with_networks({"64:ff9b::/96"});
  EXPECT_FALSE(refuse_address(policy, ip("64:ff9b::8.8.8.8"), "x.example"));
  EXPECT_TRUE(refuse_address(policy, ip("64:ff9b::10.0.0.1"), "x.example"));
}

TEST(Address, HostsOfTheOperatorAreOpenByNameAndAddress) {
  const AddressPolicy policy{.allow_hosts = {"intranet", "*.corp.example", "db.internal"}};
  for (const std::string_view text : {"http://intranet/", "http://intranet./", "http://db.internal/"}) {
    EXPECT_EQ(verdict_on(policy, text), "allow") << text;
  }
  EXPECT_EQ(verdict_on(policy, "http://x.db.internal/"), "refuse");
  EXPECT_FALSE(refuse_address(policy, ip("10.0.0.1"), "intranet"));
  EXPECT_FALSE(refuse_address(policy, ip("10.0.0.1"), "a.b.corp.example"));
  EXPECT_TRUE(refuse_address(policy, ip("10.0.0.1"), "corp.example"));
  EXPECT_TRUE(refuse_address(policy, ip("10.0.0.1"), "evilcorp.example"));
}

TEST(Address, HttpsOnlyRefusesHttp) {
  const AddressPolicy policy{.https_only = true};
  EXPECT_EQ(verdict_on(policy, "http://hooks.example.com/"), "refuse");
  EXPECT_EQ(verdict_on(policy, "https://hooks.example.com/"), "allow");
}

TEST(Address, ARefusalSaysTheRuleAndTheWayOut) {
  EXPECT_THAT(*refuse_address(kPublic, ip("10.0.0.1"), "x.example"),
              testing::AllOf(testing::HasSubstr("10.0.0.1"), testing::HasSubstr("private"),
                             testing::HasSubstr("security.allow_networks")));
  EXPECT_THAT(*refuse_address(kPublic, ip("::ffff:127.0.0.1"), "x.example"), testing::HasSubstr("loopback"));
  EXPECT_THAT(*refuse_url(kPublic, parse_url("http://intranet/").value()),
              testing::HasSubstr("security.allow_hosts"));
}

TEST(Address, TheBlockedNetworksAreTheTable) {
  std::ifstream file(fakes::in_tree("tests/data/blocked-networks.txt"));
  std::vector<std::string> expected, actual;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && !line.starts_with('#')) expected.push_back(line);
  }
  for (const auto& row : kBlockedNetworks)
    actual.push_back(std::string(row.cidr) + ' ' + std::string(row.reason));
  EXPECT_EQ(actual, expected);
}

TEST(Address, EveryBlockedNetworkIsDeniedFromFirstToLastAddress) {
  for (const auto& row : kBlockedNetworks) {
    if (row.cidr == "::ffff:0:0/96")
      continue;  // judged by the IPv4 address inside, which has tests of its own
    const Network network = Network::parse(row.cidr).value();
    IpAddress last = network.base;
    for (int bit = network.prefix_bits; bit < network.base.bits(); ++bit) {
      last.bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
    }
    EXPECT_TRUE(network.contains(last)) << row.cidr;
    EXPECT_TRUE(refuse_address(kPublic, network.base, "x.example")) << row.cidr;
    EXPECT_TRUE(refuse_address(kPublic, last, "x.example")) << row.cidr;
  }
}

TEST(Address, ARefusalSaysWhatClosesPrivateReceiversAndHowTheyAreOpened) {
  const Exposure listens{.beyond_loopback = true}, proxied{.public_url = true}, named{.more_hosts = true},
      nobody;
  const struct {
    AllowPrivate setting;
    Exposure exposure;
    std::string_view words;
  } rows[] = {{AllowPrivate::automatic, listens, "listens on other addresses than loopback"},
              {AllowPrivate::automatic, proxied, "server.public_url is set"},
              {AllowPrivate::automatic, named, "server.allowed_hosts is set"},
              {AllowPrivate::no, nobody, "security.allow_private is false"}};
  for (const auto& row : rows) {
    AddressPolicy policy;
    policy.set_private(row.setting, row.exposure);
    const auto address = refuse_url(policy, parse_url("http://10.0.0.5/").value());
    EXPECT_THAT(address.value_or(""), testing::HasSubstr(row.words));
    EXPECT_THAT(address.value_or(""), testing::HasSubstr("security.allow_networks"));
    const auto name = refuse_url(policy, parse_url("http://receiver:3000/").value());
    EXPECT_THAT(name.value_or(""), testing::HasSubstr(row.words));
    EXPECT_THAT(name.value_or(""), testing::HasSubstr("security.allow_hosts"));
  }
  // What no exposure would open is not blamed on it.
  EXPECT_EQ(refuse_url(kPublic, parse_url("http://192.0.2.1/").value()).value_or("").find("listens"),
            std::string::npos);
}

TEST(Address, APageOfAnotherOriginRegistersWhatIsPublicAndNothingElse) {
  AddressPolicy open = with_networks({"10.0.0.0/8"});
  open.allow_private = true;
  open.allow_hosts = {"receiver"};
  open.https_only = true;
  const AddressPolicy pages = open.public_only(PrivateRule::page);
  EXPECT_EQ(refuse_url(pages, parse_url("https://shop.example.com/").value()), std::nullopt);
  for (const std::string_view text : {"https://10.0.0.5/", "https://receiver/", "https://localhost/",
                                      "https://[::1]/", "https://printer.local/"}) {
    const auto refusal = refuse_url(pages, parse_url(text).value());
    EXPECT_THAT(refusal.value_or(""), testing::HasSubstr("a web page of another origin")) << text;
    EXPECT_EQ(refusal.value_or("").find("operator"), std::string::npos) << "no setting opens it";
  }
  EXPECT_NE(refuse_url(pages, parse_url("http://shop.example.com/").value()), std::nullopt) << "https_only stays";
}

}  // namespace
}  // namespace exposee

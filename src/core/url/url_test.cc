#include "core/url/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/url/url_port.h"
#include "fakes/tree.h"

namespace exposee {
namespace {

// "url" of what was parsed, or the contract's word for the refusal.
std::string outcome(std::string_view text) {
  const auto url = parse_url(text);
  return url ? url->text : std::string(to_text(url.error().fault));
}

struct Row {
  std::string_view text, expected;
};

void expect_rows(const std::vector<Row>& rows) {
  for (const auto& [text, expected] : rows) EXPECT_EQ(outcome(text), expected) << text;
}

// What the original said to POST /webhook of one URL: its normal form, or the type of its refusal.
std::optional<std::string> recorded_outcome(const boost::json::object& row) {
  const std::string_view name = row.at("name").as_string();
  const bool about_urls =
      name.starts_with("url ") || name.starts_with("bad url ") || name.starts_with("spelling ");
  if (!about_urls || name.ends_with(" again")) return std::nullopt;
  const auto& response = row.at("answer").as_object();
  if (const auto* url = response.if_contains("url")) return std::string(std::string_view(url->as_string()));
  const auto& detail = response.at("detail");
  if (detail.is_array()) return std::string(std::string_view(detail.at(0).at("type").as_string()));
  // Webhook URL 'u' already exists for event 'x'
  const std::string_view sentence = detail.as_string();
  const auto from = sentence.find('\'') + 1;
  return std::string(sentence.substr(from, sentence.find('\'', from) - from));
}

TEST(Url, TheOriginalsRepliesAreMet) {
  std::ifstream file(fakes::in_tree("tests/data/original-replies.jsonl"));
  int checked = 0;
  for (std::string line; std::getline(file, line);) {
    const auto row = boost::json::parse(line).as_object();
    const auto expected = recorded_outcome(row);
    if (!expected) continue;
    const auto body = boost::json::parse(std::string_view(row.at("body").as_string()));
    const std::string_view text = body.at("url").as_string();
    const std::string actual = outcome(text);
    const bool refused_by_rule = row.at("rule").as_string() == "stricter" && actual == "value_error";
    EXPECT_TRUE(actual == *expected || refused_by_rule)
        << text << " gives " << actual << ", not " << *expected;
    ++checked;
  }
  EXPECT_GE(checked, 55);
}

TEST(Url, PartsSayWhereToConnectAndWhatToAskFor) {
  const Url url = parse_url("HTTPS://Hooks.Example.COM:8443/a?b").value();
  EXPECT_TRUE(url.https);
  EXPECT_EQ(url.host_kind, HostKind::name);
  EXPECT_EQ(url.host, "hooks.example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.authority, "hooks.example.com:8443");
  EXPECT_EQ(url.target, "/a?b");
  EXPECT_EQ(url.text, "https://hooks.example.com:8443/a?b");
  const Url six = parse_url("http://[2001:DB8:0:0::1]:8080").value();
  EXPECT_EQ(six.host_kind, HostKind::ipv6);
  EXPECT_EQ(six.host, "2001:db8::1");
  EXPECT_EQ(six.authority, "[2001:db8::1]:8080");
  EXPECT_EQ(six.text, "http://[2001:db8::1]:8080/");
  const Url four = parse_url("https://8.8.8.8:443").value();
  EXPECT_EQ(four.host_kind, HostKind::ipv4);
  EXPECT_EQ(four.port, 443);
  EXPECT_EQ(four.authority, "8.8.8.8");
}

TEST(Url, NormalFormIsStable) {
  for (const std::string_view text :
       {"http://x/%zz/{}/\"?'<>|", "http://bücher.example/ü?ü", "http://[::ffff:1.2.3.4]/",
        "http://a.example./..//%2E%2e/b?", "http:///x/a//../b"}) {
    const std::string once = outcome(text);
    EXPECT_EQ(outcome(once), once) << text;
  }
}

TEST(Url, PathsAndQueriesFollowTheUrlStandard) {
  expect_rows({
      {"http://x.example/a/./b/../c/.", "http://x.example/a/c/"},
      {"http://x.example/a/..", "http://x.example/"},
      {"http://x.example/../../a", "http://x.example/a"},
      {"http://x.example/a//../b", "http://x.example/a/b"},
      {"http://x.example/a/%2e/%2E%2e/.%2e/b", "http://x.example/b"},
      {"http://x.example/...", "http://x.example/..."},
      {"http://x.example/%2f%7E%zz%", "http://x.example/%2f%7E%zz%"},
      {"http://x.example/a\"<>`{}|^[]'", "http://x.example/a%22%3C%3E%60%7B%7D|^[]'"},
      {"http://x.example/?a\"<>`{}|^[]'/../.", "http://x.example/?a%22%3C%3E`{}|^[]%27/../."},
      {"http://x.example?ü??", "http://x.example/?%C3%BC??"},
      {"http://x.example/😀", "http://x.example/%F0%9F%98%80"},
      {"http://x.example/a:b@c", "http://x.example/a:b@c"},
  });
}

TEST(Url, WhatIsNoUrlIsAParsingFault) {
  expect_rows({
      {"", "url_parsing"},
      {"http", "url_parsing"},
      {"http:", "url_parsing"},
      {"https:///", "url_parsing"},
      {"://x", "url_parsing"},
      {"1http://x", "url_parsing"},
      {"h ttp://x", "url_parsing"},
      {"//x/y", "url_parsing"},
      {"http://?a", "url_parsing"},
      {"http://#a", "url_parsing"},
      {"http://:80/", "url_parsing"},
      {"http://user@/", "url_parsing"},
      {"http://user@:80", "url_parsing"},
      {"http://x:65536/", "url_parsing"},
      {"http://x:99999999999999999999/", "url_parsing"},
      {"http://x:80a/", "url_parsing"},
      {"http://x:+80/", "url_parsing"},
      {"http://x:80:80/", "url_parsing"},
      {"http://a<b/", "url_parsing"},
      {"http://a|b/", "url_parsing"},
      {"http://a^b/", "url_parsing"},
      {"http://a%zz/", "url_parsing"},
      {"http://a%00b/", "url_parsing"},
      {"http://a%ff/", "url_parsing"},
      {"http://[::1", "url_parsing"},
      {"http://[::1]x/", "url_parsing"},
      {"http://[]/", "url_parsing"},
      {"http://[1.2.3.4]/", "url_parsing"},
      {"http://[fe80::1%25eth0]/", "url_parsing"},
      {"http://[1:2:3:4:5:6:7:8:9]/", "url_parsing"},
      {"http://::1/", "url_parsing"},
      {"http://256.256.256.256/", "url_parsing"},
      {"http://1.2.3.4.5/", "url_parsing"},
      {"http://1.2.3.08/", "url_parsing"},
      {"http://x.0x1/", "url_parsing"},
      {"http://4294967296/", "url_parsing"},
      {"http://xn--/", "url_parsing"},
      {"http://xn--a.example/", "url_parsing"},
      {"http://xn--bcher-kvaaaa\u00fc.example/", "url_parsing"},
      {"http://\u00ad/", "url_parsing"},
      {"\xFFhttp://x/", "url_parsing"},
  });
}

TEST(Url, OtherSchemesAreSchemeFaults) {
  for (const std::string_view text :
       {"ftp://x/", "mailto:a@b", "localhost:8000/x", "example.com:80", "httpss://x", "http+unix://%2Fx/",
        "javascript:alert(1)", "data:,", "ws://x"}) {
    EXPECT_EQ(outcome(text), "url_scheme") << text;
  }
}

TEST(Url, ReadableSpellingsThatDeceiveBreakARule) {
  for (const std::string_view text : {" http://x/",
                                      "http://x/ ",
                                      "http://x/\n",
                                      "ht\ntp://x/",
                                      "http://x/a b",
                                      "http://x/\x01",
                                      "http://x/\x7f",
                                      "http://x/?a\tb",
                                      "http:\\\\x/",
                                      "http://x\\y",
                                      "http://x/?\\",
                                      "http://u@x/",
                                      "http://u:p@x/",
                                      "http://@x/",
                                      "http://x/#",
                                      "http://x/#f",
                                      "http://x:0/",
                                      "http://x:22/",
                                      "http://x:5432/",
                                      "http://127.1/",
                                      "http://0x7f.1/",
                                      "http://2130706433/",
                                      "http://017700000001",
                                      "http://1.2.3.4./",
                                      "http://0/",
                                      "http://1.2.3.04/",
                                      "http://%31.2.3.4/",
                                      "http://%61/",
                                      "http://a..b/",
                                      "http://.a/",
                                      "http://-a/",
                                      "http://a-.b/",
                                      "http://a*b/",
                                      "http://a!b/",
                                      "http://a%2eb/",
                                      "http:1.2.3.4/",
                                      "http:/1.2.3.4/",
                                      "http:///1.2.3.4/",
                                      "http:///[::1]/",
                                      "http://１.2.3.4/",
                                      "http://ａ.example/",
                                      "http://a。example/",
                                      "http://ⓐ.example/",
                                      "http://a\u00ad.example/",
                                      "http://..",
                                      "http://㎏.example/",
                                      "http://xn--bcher-kva。example/"}) {
    EXPECT_EQ(outcome(text), "value_error") << text;
  }
}

TEST(Url, InternationalNamesBecomePunycodeInAnyHonestSpelling) {
  expect_rows({
      {"http://bücher.example/", "http://xn--bcher-kva.example/"},
      {"http://BÜCHER.example./", "http://xn--bcher-kva.example./"},
      {"http://bu\u0308cher.example/", "http://xn--bcher-kva.example/"},
      {"http://XN--BCHER-KVA.example/", "http://xn--bcher-kva.example/"},
      {"http://faß.example/", "http://xn--fa-hia.example/"},
      {"http://ΒΌΛΟΣ.example/", "http://xn--nxasmq6b.example/"},
      {"http://βόλος.example/", "http://xn--nxasmm1c.example/"},
      {"http://日本語.example/", "http://xn--wgv71a119e.example/"},
      {"http://r3---sn-x.example/", "http://r3---sn-x.example/"},
  });
}

// UTS #46 with CheckHyphens false: what no registry sells, but owners of a domain may call their own.
TEST(Url, HostsAreThoseOfTheUrlStandard) {
  expect_rows({
      {"http://pr--12.xn--bcher-kva.example/", "http://pr--12.xn--bcher-kva.example/"},
      {"http://pr--12.bücher.example/", "http://pr--12.xn--bcher-kva.example/"},
      {"http://ab--cd.example/", "http://ab--cd.example/"},
      {"http://xn--53h.example/", "http://xn--53h.example/"},
      {"http://☕.example/", "http://xn--53h.example/"},
      {"http://☃.example/", "http://xn--n3h.example/"},
      {"http://💩.example/", "http://xn--ls8h.example/"},
      {"http://שלום.example/", "http://xn--9dbne9b.example/"},
      {"http://نامه\u200cای.example/", "http://xn--mgba3gch31f060k.example/"},
      {"http://xn--mgba3gch31f060k.example/", "http://xn--mgba3gch31f060k.example/"},
      {"http://a\u200cb.example/", "url_parsing"},    // a joiner where none may stand
      {"http://xn--ab-j1t.example/", "url_parsing"},  // the same in punycode
      {"http://xn--abc-.example/", "url_parsing"},    // stands for ASCII
      {"http://xn--0.example/", "url_parsing"},       // not punycode
      {"http://xn--zzzzzzzzzzzz.example/", "url_parsing"},
      {"http://xn--bcher-kva8445foa.example\u00ad/", "value_error"},
      {"http://\u0301a.example/", "url_parsing"},    // begins with a combining mark
      {"http://aש.example/", "url_parsing"},         // both directions in one label
      {"http://-a.bücher.example/", "value_error"},  // readable, but no name server has it
      {"http://ｅxample.com/", "value_error"},       // stands for other characters
      {"http://１２７.0.0.1/", "value_error"},
      {"http://faß--x.example/", "http://xn--fa--x-mqa.example/"},
  });
}

TEST(Url, ExtraSlashesAreReadAsTwoBeforeANameOnly) {
  expect_rows({{"http:x.example/p", "http://x.example/p"},
               {"http:/x.example/p", "http://x.example/p"},
               {"http:////x.example//p", "http://x.example//p"},
               {"http:////[::1]/", "value_error"}});
}

TEST(Url, LengthsAreLimited) {
  const std::string label(63, 'a'), name = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
  ASSERT_EQ(name.size(), 253u);
  expect_rows({{"http://" + label + "/", "http://" + label + "/"}});
  EXPECT_EQ(outcome("http://" + label + "a/"), "value_error");
  EXPECT_EQ(outcome("http://" + name + "./"), "http://" + name + "./");
  EXPECT_EQ(outcome("http://" + name + "b/"), "value_error");
  const std::string start = "http://x.example/";
  const std::string longest = start + std::string(kMaxUrlChars - start.size(), 'a');
  EXPECT_EQ(outcome(longest), longest);
  EXPECT_EQ(outcome(longest + 'a'), "url_too_long");
  EXPECT_EQ(outcome(std::string(kMaxUrlChars + 1, ' ')), "url_too_long");
}

TEST(Url, PortsAreDecimalAndDefaultsAreDropped) {
  expect_rows({{"http://x:/", "http://x/"},
               {"http://x:080/", "http://x/"},
               {"https://x:80/", "https://x:80/"},
               {"http://x:443/", "http://x:443/"},
               {"http://x:65535/", "http://x:65535/"}});
}

TEST(Url, PortsOfOtherServicesAreRefused) {
  for (const std::uint16_t port :
       {0,    1,    22,   25,   53,   143,  587,   6000,  6667, 10080, 1433, 1521, 2379,  3306,
        5432, 5984, 6379, 9042, 9200, 9300, 11211, 27017, 2375, 2376,  4646, 8500, 10250, 10255}) {
    EXPECT_TRUE(is_refused_port(port)) << port;
  }
  for (const std::uint16_t port : {80, 443, 3000, 5000, 8000, 8080, 8443, 9000, 9090, 65535}) {
    EXPECT_FALSE(is_refused_port(port)) << port;
  }
}

TEST(Url, RefusalsSayTheRule) {
  const std::vector<Row> rows = {{"http://x/#f", "fragment"},    {"http://u:p@x/", "user name"},
                                 {"http://127.1/", "127.0.0.1"}, {"http://x:22/", "Port 22"},
                                 {"ftp://x/", "'ftp:'"},         {"http://x/a b", "a space"}};
  for (const auto& [text, part] : rows) {
    EXPECT_THAT(parse_url(text).error().message, testing::HasSubstr(std::string(part)));
  }
}

TEST(Url, AServerMayListenWhereNoDeliveryGoes) {
  for (const std::string_view text :
       {"http://127.0.0.1:6000/", "http://[::1]:5432/", "https://hooks.example.com:22/"}) {
    EXPECT_EQ(outcome(text), "value_error") << text;
    const auto url = parse_server_url(text);
    ASSERT_TRUE(url) << url.error().message;
    EXPECT_EQ(url->text, text);
  }
  EXPECT_FALSE(parse_server_url("http://127.0.0.1:0/"));
  EXPECT_FALSE(parse_server_url("http://me@127.0.0.1:6000/")) << "every other rule stays";
}

}  // namespace
}  // namespace exposee

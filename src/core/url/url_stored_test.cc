#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "core/url/url.h"

namespace exposee {
namespace {

void expect_same_parts(const Url& read, const Url& parsed) {
  EXPECT_EQ(read.text, parsed.text);
  EXPECT_EQ(read.https, parsed.https) << parsed.text;
  EXPECT_EQ(read.host_kind, parsed.host_kind) << parsed.text;
  EXPECT_EQ(read.host, parsed.host) << parsed.text;
  EXPECT_EQ(read.port, parsed.port) << parsed.text;
  EXPECT_EQ(read.target, parsed.target) << parsed.text;
  EXPECT_EQ(read.authority, parsed.authority) << parsed.text;
}

// Pieces that grow, shrink, deceive or break a parser, put together at random.
class OddUrls {
 public:
  explicit OddUrls(std::uint32_t seed) : random_(seed) {}

  std::string next() {
    std::string url = pick(kSchemes) + pick(kHosts) + pick(kPorts);
    const auto pieces = random_() % 9;
    for (std::uint32_t i = 0; i < pieces; ++i) url += piece();
    return url;
  }

 private:
  template <std::size_t N>
  std::string pick(const std::array<std::string_view, N>& from) {
    return std::string(from[random_() % N]);
  }
  std::string piece() {
    const auto kind = random_() % 8;
    if (kind == 0) return std::string(1, static_cast<char>(random_() % 256));
    if (kind == 1) return std::string(random_() % 2100, "a\"<{'"[random_() % 5]);
    return pick(kPieces);
  }

  static constexpr std::array<std::string_view, 8> kSchemes{
      "http://", "https://", "HTTP://", "hTTps:", "http:/", "http:////", "ftp://", "http:\\\\"};
  static constexpr std::array<std::string_view, 20> kHosts{"a",
                                                           "EXAMPLE.com",
                                                           "b\xC3\xBC"
                                                           "cher.example",
                                                           "xn--bcher-kva.example",
                                                           "127.0.0.1",
                                                           "0x7f.1",
                                                           "[::1]",
                                                           "[2001:DB8::0:1]",
                                                           "h.",
                                                           "a_b.example",
                                                           "user@h",
                                                           "\xE2\x98\x83.example",
                                                           "%61",
                                                           "h..x",
                                                           "-a.example",
                                                           "1.2.3.4.5",
                                                           "[::ffff:1.2.3.4]",
                                                           "",
                                                           "faß.example",
                                                           "pr--12.xn--bcher-kva.example"};
  static constexpr std::array<std::string_view, 8> kPorts{"",      ":80", ":443",  ":",
                                                          ":8080", ":0",  ":6379", ":65536"};
  static constexpr std::array<std::string_view, 24> kPieces{
      "/", "//", "?", "?q=", "/..", "/.", "/%2e%2E/x", "%7E", "%",  "%zz", "\xC3\xA4", "\"",
      "'", "{}", "`", "|",   "^",   "[]", ";a=1",      "&b",  "\\", "#",   " ",        "\t"};
  std::mt19937 random_;
};

TEST(StoredUrl, WhatIsAcceptedIsStoredAsOneThatReadsBackAsItself) {
  OddUrls urls(20261128);
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto text = urls.next();
    const auto url = parse_url(text);
    if (!url) continue;
    ++accepted;
    ASSERT_LE(url->text.size(), kMaxUrlChars) << text;
    const auto again = parse_url(url->text);
    ASSERT_TRUE(again) << text << " -> " << url->text << ": " << again.error().message;
    expect_same_parts(*again, *url);
    const auto read = read_stored_url(url->text);
    ASSERT_TRUE(read) << url->text;
    expect_same_parts(*read, *url);
    EXPECT_TRUE(judge_stored_url(url->text)) << url->text;
  }
  EXPECT_GT(accepted, 500);
}

TEST(StoredUrl, AUrlThatGrowsPastTheLimitInItsNormalFormIsTooLong) {
  const std::string grows = "http://h?" + std::string(kMaxUrlChars - 9, 'a');  // a slash more in normal form
  for (const auto& text :
       {grows, "http://h/" + std::string(700, '"'), "http://h/?" + std::string(700, '\'')}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(to_text(url.error().fault), "url_too_long");
  }
  EXPECT_TRUE(parse_url(grows.substr(0, grows.size() - 1)));
}

TEST(StoredUrl, OneThatTodaysRulesRefuseIsStillReadAndToldWhy) {
  struct Row {
    std::string text, host;
    std::uint16_t port;
  };
  for (const auto& [text, host, port] : std::vector<Row>{
           {"http://h:6379/x?y", "h", 6379},
           {"https://user@h/", "user@h", 443},
           {"http://0x7f.1/", "0x7f.1", 80},
           {"http://h:0/", "h", 0},
           {"http://h/#f", "h", 80},
           {"http://[fe80::1]:22/", "fe80::1", 22},
       }) {
    const auto read = read_stored_url(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->text, text);
    EXPECT_EQ(read->host, host);
    EXPECT_EQ(read->port, port);
    EXPECT_FALSE(judge_stored_url(text)) << text;
  }
}

TEST(StoredUrl, ItsLengthIsJudgedOnlyWhenItComesIn) {
  const auto longer = "http://h/?" + std::string(kMaxUrlChars, 'a');
  EXPECT_FALSE(parse_url(longer));
  EXPECT_TRUE(judge_stored_url(longer));
  EXPECT_TRUE(read_stored_url(longer));
}

TEST(StoredUrl, DamageIsNotReadAsAUrl) {
  for (const std::string text :
       {"", "http:", "http://", "ftp://h/", "HTTP://h/", "http:///x", "http://h:x/", "http://h:99999/",
        "http://h:/", "http://[::1/", "http://[h]/", "http://::1/", "http://h/a b", "http://h/\r\nX: y",
        "http://h\x01/", "http://\xC3\xA4/", "http://h/\x7F"}) {
    EXPECT_FALSE(read_stored_url(text)) << text;
  }
  EXPECT_FALSE(read_stored_url(std::string("http://h/\0", 10)));
  EXPECT_FALSE(read_stored_url("http://h/" + std::string(1 << 20, 'a')));
}

}  // namespace
}  // namespace exposee

#include "api/access/origin.h"

#include <gtest/gtest.h>

namespace exposee::api {
namespace {

TEST(Origin, IsReadAsBrowsersWriteIt) {
  const struct {
    std::string_view text;
    Origin origin;
  } rows[] = {
      {"https://shop.example", {true, "shop.example", 443}},
      {"http://shop.example", {false, "shop.example", 80}},
      {"https://shop.example:443", {true, "shop.example", 443}},
      {"https://shop.example:80", {true, "shop.example", 80}},
      {"http://localhost:3000", {false, "localhost", 3000}},
      {"HTTP://LocalHost:3000", {false, "localhost", 3000}},
      {"http://[::1]:8000", {false, "[::1]", 8000}},
      {"http://[0:0::0001]:8000", {false, "[::1]", 8000}},
      {"https://xn--bcher-kva.example", {true, "xn--bcher-kva.example", 443}},
  };
  for (const auto& row : rows) EXPECT_EQ(parse_origin(row.text), row.origin) << row.text;
}

TEST(Origin, WhatIsNotOneIsNothing) {
  for (const std::string_view text :
       {"null", "", "http://", "https", "shop.example", "//shop.example", "ftp://shop.example", "file://",
        "chrome-extension://abcdef", "http:shop.example", "http:/shop.example", "http://shop.example/",
        "http://shop.example/x", "http://user@shop.example", "http://shop.example:x",
        "http://shop.example:-1", "http://shop.example:65536", "http://shop.example?", "http://shop.example#",
        "http://a http://b", "http://a,http://b", " http://shop.example", "http://shop.example ", "http://[::1",
        "http://[127.0.0.1]", "http://[fe80::1%25eth0]", "http://sh\\op.example", "http://b\xC3\xBC" "cher.example"}) {
    EXPECT_EQ(parse_origin(text), std::nullopt) << text;
  }
}

TEST(Origin, AnAuthorityIsANameOrAnAddressWithOrWithoutAPort) {
  const struct {
    std::string_view text, host;
    std::optional<std::uint16_t> port;
  } rows[] = {{"LOCALHOST:8000", "localhost", 8000}, {"exposee_web", "exposee_web", std::nullopt},
              {"10.0.0.5:080", "10.0.0.5", 80},      {"[2001:DB8::7]:1", "[2001:db8::7]", 1},
              {"a:", "a", std::nullopt}};
  for (const auto& row : rows) {
    const auto authority = parse_authority(row.text);
    ASSERT_TRUE(authority) << row.text;
    EXPECT_EQ(authority->host, row.host);
    EXPECT_EQ(authority->port, row.port);
  }
  EXPECT_EQ(parse_authority("[::1]:8000")->text(), "[::1]:8000");
  EXPECT_EQ(parse_authority(std::string(kMaxAuthorityChars + 1, 'a')), std::nullopt);
}

}  // namespace
}  // namespace exposee::api

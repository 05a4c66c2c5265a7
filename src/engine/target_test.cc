#include "engine/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

Endpoint stored(std::string url, std::string secret = kSecret) {
  return {.number = EndpointNumber{1}, .url = std::move(url), .secret = std::move(secret)};
}

TEST(Target, WhatIsStoredWellIsSentTo) {
  const auto target = make_target(stored("https://h.example:8443/a?b"), 5s);
  EXPECT_EQ(target->blocked, "");
  EXPECT_EQ(target->url.authority, "h.example:8443");
  EXPECT_EQ(target->keys.size(), 1u);
  EXPECT_EQ(target->timeout, 5s);
  EXPECT_EQ(unreadable(stored("https://h.example/")), "");
}

TEST(Target, WhatARuleOfTodayRefusesIsBlockedInTheRulesWords) {
  struct Row {
    std::string url, words, host;
  };
  for (const auto& [url, words, host] : std::vector<Row>{
           {"http://h.example:6379/", "Port 6379", "h.example"},
           {"http://u@h.example/", "user name", "u@h.example"},
           {"http://h.example/#f", "fragment", "h.example"},
       }) {
    const auto target = make_target(stored(url), 5s);
    EXPECT_THAT(target->blocked, HasSubstr(words)) << url;
    EXPECT_EQ(target->url.host, host);
    EXPECT_EQ(target->url.text, url);
    EXPECT_EQ(unreadable(stored(url)), "") << "a rule is not damage: " << url;
  }
}

TEST(Target, WhatNobodyCanReadIsBlockedAndNothingEnds) {
  for (const std::string url : {"", "http://", "nonsense", "http://h/\r\nX: y", "\xFF\xFE", "ftp://h/"}) {
    const auto target = make_target(stored(url), 5s);
    EXPECT_NE(target->blocked, "") << url;
    EXPECT_EQ(target->url.host, "unreadable.invalid") << url;
    EXPECT_NE(unreadable(stored(url)), "") << url;
  }
  for (const std::string secret : {"", "whsec_", "whsec_%%%", "nonsense"}) {
    const auto target = make_target(stored("http://h.example/", secret), 5s);
    EXPECT_THAT(target->blocked, HasSubstr("secret")) << secret;
    EXPECT_TRUE(target->keys.empty());
    EXPECT_THAT(unreadable(stored("http://h.example/", secret)), HasSubstr("secret"));
  }
}

// An earlier version stored what had grown past the limit: it leads where it led then.
TEST(Target, AStoredUrlThatIsLongerThanTheLimitIsSentTo) {
  const auto target = make_target(stored("http://h/?" + std::string(kMaxUrlChars, 'a')), 5s);
  EXPECT_EQ(target->blocked, "");
}

}  // namespace
}  // namespace exposee::engine

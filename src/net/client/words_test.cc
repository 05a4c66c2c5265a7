#include "net/client/words.h"

#include <errno.h>
#include <gtest/gtest.h>

#include "core/failure_words.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;

TEST(WordsTest, DurationsAreSaidInTheUnitPeopleWouldUse) {
  EXPECT_EQ(duration_words(milliseconds(15'000)), "15 s");
  EXPECT_EQ(duration_words(milliseconds(1'500)), "1.5 s");
  EXPECT_EQ(duration_words(milliseconds(1'050)), "1.05 s");
  EXPECT_EQ(duration_words(milliseconds(2'001)), "2.001 s");
  EXPECT_EQ(duration_words(milliseconds(999)), "999 ms");
  EXPECT_EQ(duration_words(milliseconds(0)), "0 ms");
}

TEST(WordsTest, FailuresAreSaidPlainly) {
  EXPECT_EQ(timed_out(milliseconds(15'000)).detail, "Timed out after 15 s");
  EXPECT_EQ(name_timed_out(milliseconds(5'000)).detail, "Name does not resolve: no answer within 5 s");
  EXPECT_EQ(connecting_timed_out(milliseconds(5'000)).detail, "Connecting timed out after 5 s");
  EXPECT_EQ(closed_early().detail, "The connection was closed before a response came");
  const auto v4 = *IpAddress::parse("192.0.2.1");
  EXPECT_EQ(connect_failed(ECONNREFUSED, v4).detail, kConnectionRefused);
  EXPECT_EQ(connect_failed(EHOSTUNREACH, v4).detail, "No route to host");
  EXPECT_EQ(handshake_timed_out(milliseconds(5'000)).detail, "The TLS handshake was not finished within 5 s");
  EXPECT_EQ(bad_response("").detail, "The response is not valid HTTP");
}

TEST(WordsTest, ARedirectSaysWhereItLeadsAsAnAddressThatCanBeRegistered) {
  const auto from = *parse_url("https://shop.example:8443/hook?a=1");
  const std::string long_path(5000, 'x');
  const struct {
    std::string location, leads_to;
  } rows[] = {
      {"https://new.example/hook?b=2", "https://new.example/hook?b=2"},
      {"/hook/", "https://shop.example:8443/hook/"},
      {"//new.example/", "https://new.example/"},
      {"https://new.example/#part", "https://new.example/"},
      {"https://user:pass@new.example/a@b", "https://new.example/a@b"},
      {"https://new.example/a?mail=x@y", "https://new.example/a?mail=x@y"},
      {"//user@new.example", "https://new.example"},
      {"http://a.example/\x1b[2J\r\n\xE2\x80\xAE b", "http://a.example/[2Jb"},
      {"hook2", "hook2"},
      {"http://a.example/" + long_path, ("http://a.example/" + long_path).substr(0, kMaxUrlChars)},
      {"/" + long_path, ("https://shop.example:8443/" + long_path).substr(0, kMaxUrlChars)},
  };
  for (const auto& row : rows)
    EXPECT_EQ(redirect_words(row.location, from), std::string(kRedirectsTo) + row.leads_to);
  for (const char* nothing : {"", " ", "#part"}) EXPECT_EQ(redirect_words(nothing, from), "");
}

TEST(WordsTest, WhatThisMachineLacksIsNeverTheReceiversFault) {
  const auto v4 = *IpAddress::parse("192.0.2.1"), v6 = *IpAddress::parse("2001:db8::1");
  for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EAGAIN}) {
    EXPECT_TRUE(connect_failed(error, v4).ours) << error;
    EXPECT_TRUE(connect_failed(error, v6).ours) << error;
  }
  EXPECT_TRUE(connect_failed(ENETUNREACH, v4).ours);
  EXPECT_FALSE(connect_failed(ENETUNREACH, v6).ours) << "a machine without IPv6 lacks nothing";
  for (const int error : {ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT, ECONNRESET, EACCES, EPERM}) {
    EXPECT_FALSE(connect_failed(error, v4).ours) << error;
  }
  EXPECT_EQ(connect_failed(EMFILE, v4).detail, "This server has run out of a resource: Too many open files");
  EXPECT_TRUE(no_name_server().ours);
  EXPECT_TRUE(no_free_connection().ours);
  EXPECT_TRUE(no_certificates().ours);
}

}  // namespace
}  // namespace exposee::net

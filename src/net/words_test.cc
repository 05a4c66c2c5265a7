#include "net/words.h"

#include <errno.h>
#include <gtest/gtest.h>

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
  EXPECT_EQ(closed_early().detail, "The connection was closed before an answer came");
  EXPECT_EQ(connect_failed(ECONNREFUSED).detail, "Connection refused");
  EXPECT_EQ(connect_failed(EHOSTUNREACH).detail, "No route to host");
  EXPECT_EQ(bad_response("").detail, "The answer is not valid HTTP");
}

}  // namespace
}  // namespace exposee::net

#include "core/text/duration_text.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

using namespace std::chrono_literals;

TEST(DurationText, ReadsANumberAndAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("30m"), 30min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("0s"), 0s);
  EXPECT_EQ(parse_duration("8760h"), kLongestDuration);
}

TEST(DurationText, RefusesEverythingElse) {
  for (const char* text : {"", "5", "s", "-5s", "+5s", "5 s", " 5s", "5s ", "5S", "5d", "1.5h", "5ss",
                           "8761h", "99999999999h", "4294967296s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(DurationText, WritesWhatItReads) {
  for (const char* text : {"0s", "1ms", "1500ms", "5s", "90s", "5m", "30m", "2h", "24h"}) {
    EXPECT_EQ(duration_text(*parse_duration(text)), text);
  }
  EXPECT_EQ(duration_text(3600s), "1h");
}

}  // namespace
}  // namespace exposee

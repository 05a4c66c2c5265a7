#include "app/log.h"

#include <gtest/gtest.h>

#include <sstream>

namespace exposee::app {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return from_micros(1'746'590'590'779'082); }
  Duration monotonic() const override { return {}; }
};

std::string written(const LogOptions& options, LogLevel level, std::string_view message,
                    std::initializer_list<LogField> fields = {}) {
  std::ostringstream out;
  FixedClock clock;
  Log log(options, out, clock);
  log.write(level, message, {fields.begin(), fields.size()});
  return out.str();
}

TEST(Log, WritesForMachinesOneJsonObjectALine) {
  EXPECT_EQ(
      written(
          {LogLevel::info, true}, LogLevel::warn, "say \"hi\"\n",
          {{"url", std::string_view("http://a/\xFF")}, {"n", std::int64_t{-1}}, {"ms", 1.25}, {"ok", true}}),
      R"({"time":"2025-05-07T04:03:10.779082+00:00","level":"warn","message":"say \"hi\"\n",)"
      "\"url\":\"http://a/\xEF\xBF\xBD\",\"n\":-1,\"ms\":1.250,\"ok\":true}\n");
}

TEST(Log, WritesForPeopleTimeLevelSentenceAndFields) {
  EXPECT_EQ(written({}, LogLevel::info, "ready",
                    {{"url", std::string_view("http://127.0.0.1:8000")}, {"events", std::uint64_t{3}}}),
            "2025-05-07 04:03:10.779Z info  ready  url=http://127.0.0.1:8000  events=3\n");
}

TEST(Log, QuotesFieldsThatWouldDeceivePeople) {
  EXPECT_EQ(written({}, LogLevel::error, "x",
                    {{"a", std::string_view("two words")},
                     {"b", std::string_view("")},
                     {"c", std::string_view("k=v")},
                     {"d", std::string_view("\x1b[2J\n")}}),
            "2025-05-07 04:03:10.779Z error x  a=\"two words\"  b=\"\"  c=\"k=v\"  d=\"\\u001b[2J\\n\"\n");
}

TEST(Log, ColoursTheLevelOnlyWhenAskedTo) {
  EXPECT_EQ(written({LogLevel::info, false, true}, LogLevel::warn, "x"),
            "2025-05-07 04:03:10.779Z \x1b[33mwarn \x1b[0m x\n");
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  const LogLevel levels[] = {LogLevel::trace, LogLevel::debug, LogLevel::info, LogLevel::warn,
                             LogLevel::error};
  for (const LogLevel least : levels) {
    for (const LogLevel level : levels) {
      EXPECT_EQ(written({least}, level, "x").empty(), level < least)
          << to_text(least) << " " << to_text(level);
    }
  }
}

TEST(Log, GoesOnAfterTheStreamFailedOnce) {
  std::ostringstream out;
  FixedClock clock;
  Log log({}, out, clock);
  out.setstate(std::ios::badbit);
  log.info("still here");
  EXPECT_THAT(out.str(), testing::HasSubstr("still here"));
}

TEST(Log, BracesInTextAreText) {
  EXPECT_THAT(written({}, LogLevel::info, "{} {0}"), testing::HasSubstr("{} {0}"));
}

}  // namespace
}  // namespace exposee::app

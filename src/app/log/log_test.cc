#include "app/log/log.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <mutex>
#include <sstream>

namespace exposee::app {
namespace {

using testing::HasSubstr;

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

TEST(Log, InTheBackgroundTellsHowManyLinesNobodyRead) {
  std::string all;
  std::mutex reader;
  const auto out = [&](std::string_view lines) {
    const std::scoped_lock lock(reader);
    all += lines;
    return true;
  };
  FixedClock clock;
  {
    Log log({LogLevel::info, true}, out, clock);
    std::unique_lock stuck(reader);
    log.write_in_background({.bytes = 2000, .reserve = 200, .patience = std::chrono::seconds(60)});
    for (int i = 0; i < 100; ++i) log.info("attempt failed");
    log.error("the last words");
    stuck.unlock();
  }
  EXPECT_THAT(all, testing::ContainsRegex(
                       R"("level":"warn","message":"[0-9]+ log lines were dropped because standard error )"
                       R"(was not read","dropped":[0-9]+})"));
  EXPECT_THAT(all, HasSubstr("the last words"));
}

TEST(Log, ADescriptorThatNobodyCanReadLosesLinesAndNothingElse) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto write = writer_to_descriptor(ends[1]);
  EXPECT_TRUE(write("one\n"));
  ::signal(SIGPIPE, SIG_IGN);
  ::close(ends[0]);
  EXPECT_FALSE(write("two\n"));
  ::close(ends[1]);
}

TEST(Log, BracesInTextAreText) {
  EXPECT_THAT(written({}, LogLevel::info, "{} {0}"), testing::HasSubstr("{} {0}"));
}

}  // namespace
}  // namespace exposee::app

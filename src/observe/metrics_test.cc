#include "observe/metrics.h"

#include <gtest/gtest.h>

#include <sstream>

#include "observe/test_page.h"

namespace exposee::observe {
namespace {

struct GivenFigures final : FigureSource {
  Figures figures() const override { return now; }
  Figures now;
};

class MetricsTest : public testing::Test {
 protected:
  std::string page() const { return Metrics("1.2.3", engine_, calls_, figures_).page(); }

  EngineMeter engine_;
  CallMeter calls_;
  GivenFigures figures_;
};

TEST_F(MetricsTest, ThePageHasWhatWasLookedUp) {
  figures_.now = {.server_connections = 5,
                  .sender_connections = 6,
                  .unread_bytes = 7,
                  .log_lines_dropped = 8,
                  .damaged_rows = 9,
                  .storage = StorageFigures{4'096, 32, 1'000'000},
                  .process = ProcessFigures{.cpu = Duration{1'250'000}, .open_fds = 12}};
  const TestPage got(page());
  EXPECT_EQ(got.at(R"(exposee_build_info{version="1.2.3"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_connections{side="server"})"), "5");
  EXPECT_EQ(got.at(R"(exposee_connections{side="sender"})"), "6");
  EXPECT_EQ(got.at("exposee_unread_bytes"), "7");
  EXPECT_EQ(got.at("exposee_log_lines_dropped_total"), "8");
  EXPECT_EQ(got.at("exposee_damaged_rows_total"), "9");
  EXPECT_EQ(got.at(R"(exposee_storage_bytes{file="wal"})"), "32");
  EXPECT_EQ(got.at("exposee_storage_free_bytes"), "1000000");
  EXPECT_EQ(got.at("process_cpu_seconds_total"), "1.25");
  EXPECT_EQ(got.at("process_open_fds"), "12");
}

TEST_F(MetricsTest, WhatTheSystemDoesNotSayIsLeftOut) {
  const TestPage got(page());
  EXPECT_EQ(got.at("process_open_fds"), "no such series");
  EXPECT_EQ(got.at("exposee_storage_free_bytes"), "no such series");
}

// Each family is introduced once, by its help and its type, and all its samples follow at once.
TEST_F(MetricsTest, EveryFamilyStandsTogetherUnderItsHelpAndType) {
  figures_.now.storage.emplace();
  figures_.now.process.emplace();
  std::istringstream lines(page());
  std::set<std::string> families;
  std::string family, help, type;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string mark, what, name;
    words >> mark >> what >> name;
    if (mark != "#") {
      EXPECT_TRUE(line.starts_with(family)) << line;
    } else if (what == "HELP") {
      family = help = name;
      EXPECT_TRUE(families.insert(name).second) << name << " twice";
    } else {
      EXPECT_EQ(what, "TYPE");
      EXPECT_EQ(name, help);
    }
  }
  EXPECT_GT(families.size(), 30u);
}

}  // namespace
}  // namespace exposee::observe

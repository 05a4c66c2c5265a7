#include "app/log/trouble_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "app/run/system_doors.h"

namespace exposee::app {
namespace {

using testing::HasSubstr;

std::ptrdiff_t lines(const std::string& text) {
  return std::ranges::count(text, '\n');
}

class TroubleLogTest : public testing::Test {
 protected:
  std::string text() {
    log_.reset();
    return out_.str();
  }
  std::ostringstream out_;
  SystemClock clock_;
  std::unique_ptr<Log> log_ = std::make_unique<Log>(LogOptions{}, out_, clock_);
  TroubleLog troubles_{*log_};
};

TEST_F(TroubleLogTest, ARowIsNamedOnceHoweverOftenItIsMet) {
  for (int i = 0; i < 100; ++i) troubles_.row_in_trouble({"event", "7", "its id is damaged"});
  troubles_.row_in_trouble({"event", "8", "its id is damaged"});
  const auto logged = text();
  EXPECT_EQ(lines(logged), 2) << logged;
  EXPECT_THAT(logged, HasSubstr("its id is damaged"));
}

// Whether anything goes on is for others to say: a start may be refused after this line.
TEST_F(TroubleLogTest, ALinePromisesNothingAboutTheRest) {
  troubles_.row_in_trouble({"event", "7", "its id is damaged"});
  EXPECT_THAT(text(), HasSubstr(" error a row of the data file is damaged  table=event "));
}

TEST_F(TroubleLogTest, WhatCouldFillADiskEndsWithALineThatSaysSo) {
  for (std::size_t i = 0; i < 2 * kMostTroublesNamed; ++i) {
    troubles_.row_in_trouble({"event", std::to_string(i), "damaged"});
  }
  const auto logged = text();
  EXPECT_EQ(lines(logged), static_cast<std::ptrdiff_t>(kMostTroublesNamed) + 1);
  EXPECT_THAT(logged, HasSubstr("more rows of the data file are damaged"));
}

}  // namespace
}  // namespace exposee::app

#include "cli/terminal.h"

#include <gtest/gtest.h>

namespace exposee::cli {
namespace {

TEST(Terminal, ColourIsForPeopleWhoWantIt) {
  EXPECT_TRUE(wants_colour(true, {{"TERM", "xterm"}}));
  EXPECT_TRUE(wants_colour(true, {}));
  EXPECT_TRUE(wants_colour(true, {{"NO_COLOR", ""}}));
  EXPECT_FALSE(wants_colour(true, {{"NO_COLOR", "1"}}));
  EXPECT_FALSE(wants_colour(true, {{"TERM", "dumb"}}));
  EXPECT_FALSE(wants_colour(false, {{"TERM", "xterm"}}));
}

}  // namespace
}  // namespace exposee::cli

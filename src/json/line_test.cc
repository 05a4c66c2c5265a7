#include "json/line.h"

#include <gtest/gtest.h>

#include <limits>

namespace exposee {
namespace {

TEST(JsonLine, KeepsTheOrderAndTheTypes) {
  JsonLine line;
  line.add("text", "a");
  line.add("yes", true);
  line.add("below", std::int64_t{-5});
  line.add("large", std::numeric_limits<std::uint64_t>::max());
  line.add("part", 1.5);
  line.add("none", std::numeric_limits<double>::infinity());
  line.add_raw("list", "[1]");
  EXPECT_EQ(
      std::move(line).finish(),
      R"({"text":"a","yes":true,"below":-5,"large":18446744073709551615,"part":1.500,"none":null,"list":[1]})");
}

TEST(JsonLine, MayBeEmpty) {
  EXPECT_EQ(JsonLine().finish(), "{}");
}

}  // namespace
}  // namespace exposee

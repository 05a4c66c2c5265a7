#include "core/text/suggest.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

TEST(Suggest, CountsTheEditsBetweenTwoWords) {
  const struct {
    std::string_view a, b;
    std::size_t distance;
  } rows[] = {{"", "", 0},           {"", "abc", 3},        {"serve", "serve", 0}, {"serv", "serve", 1},
              {"sevre", "serve", 1}, {"xerve", "serve", 1}, {"ab", "ba", 1},       {"kitten", "sitting", 3}};
  for (const auto& row : rows) {
    EXPECT_EQ(edit_distance(row.a, row.b), row.distance) << row.a << " " << row.b;
    EXPECT_EQ(edit_distance(row.b, row.a), row.distance) << row.b << " " << row.a;
  }
}

TEST(Suggest, NamesTheNearestWordOrNone) {
  const std::vector<std::string> known = {"serve", "version", "check-config", "healthcheck"};
  const struct {
    std::string_view word, meant;
  } rows[] = {{"serv", "serve"},
              {"verison", "version"},
              {"check_config", "check-config"},
              {"health", "healthcheck"},
              {"bake", ""},
              {"x", ""},
              {"se", ""},
              {"", ""}};
  for (const auto& row : rows) EXPECT_EQ(nearest(row.word, known), row.meant) << row.word;
  EXPECT_EQ(nearest(std::string(100'000, 'a'), known), "");
}

TEST(Suggest, SaysNothingWhenNothingIsNear) {
  const std::vector<std::string> known = {"serve"};
  EXPECT_EQ(did_you_mean("sreve", known), " Did you mean 'serve'?");
  EXPECT_EQ(did_you_mean("elephant", known), "");
}

}  // namespace
}  // namespace exposee

#include "core/event_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace exposee {
namespace {

TEST(EventType, NamesAreSegmentsDividedByDots) {
  const std::string longest(kMaxTypeNameBytes, 'a');
  for (const std::string_view name :
       {"a", "user_registered", "invoice.paid", "a.b.c", "v2.order-line.9", longest.c_str()}) {
    EXPECT_TRUE(check_type_name(name)) << name;
  }
}

TEST(EventType, OtherNamesAreRefusedWithTheRule) {
  const std::vector<std::pair<std::string, std::string_view>> rows = {
      {"", "empty"},           {std::string(129, 'a'), "128"},
      {"User", "position 1"},  {"a b", "position 2"},
      {"größe", "position 3"}, {".a", "empty segment"},
      {"a.", "empty segment"}, {"a..b", "empty segment"},
      {"a\"b", "position 2"},  {"a\nb", "position 2"},
      {"*", "position 1"},     {"a.*", "position 3"}};
  for (const auto& [name, part] : rows) {
    const auto result = check_type_name(name);
    ASSERT_FALSE(result) << name;
    EXPECT_EQ(result.error().code, ErrorCode::invalid);
    EXPECT_THAT(result.error().message, testing::HasSubstr(std::string(part))) << name;
  }
}

TEST(EventType, TheContractsTwoAreBuiltIn) {
  EXPECT_EQ(kBuiltInTypes[0].name, "user_registered") << "the contract's order";
  EXPECT_EQ(kBuiltInTypes[1].name, "user_send_message");
  EXPECT_TRUE(is_built_in("user_registered"));
  EXPECT_TRUE(is_built_in("user_send_message"));
  for (const auto* other : {"", "user", "user_registered.x", "order.paid"}) EXPECT_FALSE(is_built_in(other));
}

TEST(EventType, PatternsAreANameAPrefixOrEverything) {
  for (const std::string_view pattern : {"*", "a", "a.*", "invoice.line.*"})
    EXPECT_TRUE(check_pattern(pattern)) << pattern;
  for (const std::string_view pattern :
       {"", "**", "*.a", "a*", "a.*.b", ".*", "a..*", "A.*", "a.**", "a.*.*"}) {
    EXPECT_FALSE(check_pattern(pattern)) << pattern;
  }
}

TEST(EventType, PatternsMatchEverythingBelowTheirPrefix) {
  struct Row {
    std::string_view pattern, name;
    bool expected;
  };
  const std::vector<Row> rows = {{"*", "a", true},         {"*", "a.b", true},     {"a", "a", true},
                                 {"a", "ab", false},       {"a", "a.b", false},    {"a.*", "a.b", true},
                                 {"a.*", "a.b.c", true},   {"a.*", "a", false},    {"a.*", "ab.c", false},
                                 {"a.b.*", "a.b.c", true}, {"a.b.*", "a.c", false}};
  for (const auto& row : rows)
    EXPECT_EQ(matches(row.pattern, row.name), row.expected) << row.pattern << ' ' << row.name;
}

TEST(EventType, WhatCoversANameOrAPatternIsItselfAndEverWiderOnes) {
  using testing::ElementsAre;
  EXPECT_THAT(covering("a"), ElementsAre("a", "*"));
  EXPECT_THAT(covering("a.b.c"), ElementsAre("a.b.c", "a.b.*", "a.*", "*"));
  EXPECT_THAT(covering("a.b.*"), ElementsAre("a.b.*", "a.*", "*"));
  EXPECT_THAT(covering("a.*"), ElementsAre("a.*", "*"));
  EXPECT_THAT(covering("*"), ElementsAre("*"));
}

// Names over two letters, four levels deep, and the patterns that some of them tell apart.
TEST(EventType, TwoPatternsHaveNothingInCommonOrOneHasAllOfTheOther) {
  std::vector<std::string> names{"a", "b"}, patterns{"*"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    patterns.push_back(names[i]);
    if (names[i].size() > 6) continue;
    patterns.push_back(names[i] + ".*");
    for (const auto* letter : {".a", ".b"}) names.push_back(names[i] + letter);
  }
  for (const auto& one : patterns) {
    for (const auto& other : patterns) {
      bool common = false, all = true;
      for (const auto& name : names) {
        common |= matches(one, name) && matches(other, name);
        all &= matches(one, name) || !matches(other, name);
      }
      EXPECT_EQ(matches(one, other), all) << one << ' ' << other;
      EXPECT_TRUE(!common || matches(one, other) || matches(other, one)) << one << ' ' << other;
      EXPECT_EQ(matches(one, other), std::ranges::count(covering(other), one) == 1) << one << ' ' << other;
    }
  }
}

}  // namespace
}  // namespace exposee

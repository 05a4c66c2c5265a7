#include "core/endpoint_settings.h"

#include <gtest/gtest.h>

#include <set>

namespace exposee {
namespace {

using namespace std::chrono_literals;

TEST(EndpointSettings, HaveNamesThatAreWordsAndStandOnce) {
  std::set<std::string_view> names;
  for (const auto& setting : endpoint_settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_EQ(setting.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), setting.name.npos);
    const bool is_time = std::holds_alternative<SpanSetting>(setting.kind) ||
                         std::holds_alternative<ScheduleSetting>(setting.kind);
    EXPECT_EQ(setting.name.ends_with("_ms"), is_time) << setting.name << ": the unit is in the name";
    EXPECT_GE(setting.schema, 1u) << setting.name;
  }
}

TEST(EndpointSettings, HaveBoundsAndAnExampleWithinThemThatIsNoDefault) {
  for (const auto& setting : endpoint_settings()) {
    SCOPED_TRACE(setting.name);
    EndpointSettings settings;
    set_example(setting, settings);
    EXPECT_NE(settings, EndpointSettings{});
    if (const auto* text = std::get_if<TextSetting>(&setting.kind)) {
      EXPECT_LE(text->example.size(), text->max_bytes);
    }
    if (const auto* count = std::get_if<CountSetting>(&setting.kind)) {
      EXPECT_LE(count->example, count->most);
    }
    if (const auto* span = std::get_if<SpanSetting>(&setting.kind)) {
      EXPECT_GE(span->example, span->least);
      EXPECT_LE(span->example, span->most);
      EXPECT_LE(span->most, kMaxHorizon);
    }
    if (const auto* schedule = std::get_if<ScheduleSetting>(&setting.kind)) {
      EXPECT_TRUE(check_schedule(*(settings.*schedule->member)));
    }
  }
}

TEST(SettingChanges, ChangeWhatTheyNameAndNothingElse) {
  EndpointSettings settings{.description = "shop", .timeout = 5s, .max_in_flight = 4, .ordered = true};
  SettingChanges changes;
  EXPECT_TRUE(changes.empty());
  changes.set(&EndpointSettings::timeout, std::nullopt).set(&EndpointSettings::max_in_flight, 7);
  changes.set(&EndpointSettings::ordered, false).set(&EndpointSettings::schedule, RetrySchedule{{1s}});
  EXPECT_FALSE(changes.empty());
  changes.apply_to(settings);
  EXPECT_EQ(settings,
            (EndpointSettings{.description = "shop", .schedule = RetrySchedule{{1s}}, .max_in_flight = 7}));
}

TEST(SettingChanges, ASettingGoesBackToWhatItIsWhenNothingIsSet) {
  for (const auto& setting : endpoint_settings()) {
    EndpointSettings settings;
    set_example(setting, settings);
    SettingChanges changes;
    std::visit([&](const auto& kind) { changes.set(kind.member, EndpointSettings{}.*kind.member); },
               setting.kind);
    EXPECT_TRUE(changes.has(setting)) << setting.name;
    changes.apply_to(settings);
    EXPECT_EQ(settings, EndpointSettings{}) << setting.name;
  }
}

TEST(SettingChanges, TellWhetherAFlagIsToBeSet) {
  const auto goes_on = setting_change(&EndpointSettings::paused, false);
  EXPECT_TRUE(goes_on.sets(&EndpointSettings::paused, false));
  EXPECT_FALSE(goes_on.sets(&EndpointSettings::paused, true));
  EXPECT_FALSE(goes_on.sets(&EndpointSettings::ordered, false));
  EXPECT_FALSE(SettingChanges().sets(&EndpointSettings::paused, false));
}

}  // namespace
}  // namespace exposee

// Every row of the table of settings goes the whole way: body, registry, answer, schema.
#include "api/v1/setting_json.h"

#include <boost/json.hpp>

#include "fakes/test_api.h"

namespace exposee::api {
namespace {

namespace json = boost::json;
constexpr std::string_view kPath = "/v1/endpoints";

// "name": its example.
std::string example_of(const EndpointSetting& setting) {
  EndpointSettings settings;
  set_example(setting, settings);
  return setting_members({&setting, 1}, settings);
}

std::string default_of(const EndpointSetting& setting) {
  return setting_members({&setting, 1}, {});
}

std::string create(TestApi& api, const std::string& more) {
  const auto got = api.call("POST", kPath, R"({"url":"http://a.example/","events":["*"])" + more + "}");
  EXPECT_EQ(got.status, 201) << got.body;
  return std::string(kPath) + "/" + got.text("id");
}

TEST(SettingJson, WhatIsSetAtCreationIsShownAndNothingElseChanges) {
  for (const auto& setting : endpoint_settings()) {
    TestApi api;
    const auto shown = api.call("GET", create(api, "," + example_of(setting))).body;
    for (const auto& other : endpoint_settings()) {
      const auto expected = &other == &setting ? example_of(other) : default_of(other);
      EXPECT_NE(shown.find(expected), shown.npos) << expected << " in " << shown;
    }
  }
}

TEST(SettingJson, WhatIsChangedIsShownAndGoesBackToWhatItIsWhenLeftOut) {
  for (const auto& setting : endpoint_settings()) {
    TestApi api;
    const auto path = create(api, "");
    for (const auto& member : {example_of(setting), default_of(setting)}) {
      EXPECT_EQ(api.call("PATCH", path, "{" + member + "}").status, 200) << member;
      const auto shown = api.call("GET", path).body;
      EXPECT_NE(shown.find(member), shown.npos) << member << " in " << shown;
    }
  }
}

// What is refused, and with which words.
struct Refused {
  std::string_view members, pointer, message;
};
constexpr Refused kRefused[] = {
    {R"("description":7)", "/description", "must be a string"},
    {R"("description":null)", "/description", "must be a string"},
    {R"("timeout_ms":999)", "/timeout_ms", "must be a whole number from 1000 to 30000, or null"},
    {R"("timeout_ms":30001)", "/timeout_ms", "must be a whole number from 1000 to 30000, or null"},
    {R"("timeout_ms":1000.5)", "/timeout_ms", "must be a whole number from 1000 to 30000, or null"},
    {R"("timeout_ms":"1000")", "/timeout_ms", "must be a whole number from 1000 to 30000, or null"},
    {R"("max_retry_after_ms":18446744073709551616)", "/max_retry_after_ms",
     "must be a whole number from 0 to 86400000, or null"},
    {R"("max_retry_after_ms":1e400)", "/max_retry_after_ms", "must be a whole number from 0 to 86400000, or null"},
    {R"("schedule_ms":[1000000000000000000000000000000])", "/schedule_ms/0",
     "must be a whole number of milliseconds, at most 2678400000"},
    {R"("schedule_ms":5)", "/schedule_ms",
     "must be an array of waits in milliseconds before attempts 2, 3 and so on"},
    {R"("schedule_ms":[5,-1])", "/schedule_ms/1",
     "must be a whole number of milliseconds, at most 2678400000"},
    {R"("schedule_ms":[0])", "/schedule_ms", "Wait 1 of the schedule must be positive"},
    {R"("max_in_flight":0)", "/max_in_flight", "must be a whole number from 1 to 1000, or null"},
    {R"("max_in_flight":1001)", "/max_in_flight", "must be a whole number from 1 to 1000, or null"},
    {R"("rate_per_second":1000001)", "/rate_per_second", "must be a whole number from 1 to 1000000, or null"},
    {R"("ordered":1)", "/ordered", "must be true or false"},
    {R"("paused":null)", "/paused", "must be true or false"},
};

TEST(SettingJson, WhatMayNotBeSetIsRefusedWithItsBounds) {
  TestApi api;
  const auto path = create(api, "");
  for (const auto& row : kRefused) {
    const auto body = "{" + std::string(row.members) + "}";
    const auto got = api.call("PATCH", path, body);
    EXPECT_EQ(got.status, 422) << body;
    const auto problem = got.json();
    const auto& error = problem.at("errors").at(0);
    EXPECT_EQ(error.at("pointer").as_string(), row.pointer) << body;
    EXPECT_EQ(error.at("message").as_string(), row.message) << body;
  }
}

TEST(SettingJson, AMisspeltSettingIsToldAllNames) {
  TestApi api;
  std::string names;
  for (const auto& setting : endpoint_settings()) names.append(setting.name).append(", ");
  const auto created = api.call("POST", kPath, R"({"url":"http://a.example/","events":["*"],"timeout":1})");
  EXPECT_EQ(created.json().at("errors").at(0).at("message").as_string(),
            "unknown field; allowed: url, events, " + names + "secret");
  const auto changed = api.call("PATCH", create(api, ""), R"({"secret":"x"})");
  EXPECT_EQ(changed.json().at("errors").at(0).at("message").as_string(),
            "unknown field; allowed: events, " + names + "disabled");
}

// The schema's bounds are those that are judged by, and its example may be sent.
TEST(SettingJson, SchemasSayWhatMayBeSet) {
  const auto properties =
      json::parse("{" + setting_properties(endpoint_settings(), SchemaUse::change) + "}").as_object();
  for (const auto& setting : endpoint_settings()) {
    TestApi api;
    const auto path = create(api, "");
    const auto status_with = [&](const json::value& value) {
      const json::object body{{std::string(setting.name), value}};
      return api.call("PATCH", path, json::serialize(body)).status;
    };
    const auto& property = properties.at(setting.name).as_object();
    if (const auto* examples = property.if_contains("examples")) {
      EXPECT_EQ(status_with(examples->at(0)), 200) << setting.name;
    }
    if (const auto* least = property.if_contains("minimum")) {
      const auto& most = property.at("maximum");
      EXPECT_EQ(status_with(*least), 200) << setting.name;
      EXPECT_EQ(status_with(most), 200) << setting.name;
      EXPECT_EQ(status_with(least->as_int64() - 1), 422) << setting.name;
      EXPECT_EQ(status_with(most.as_int64() + 1), 422) << setting.name;
    }
    if (const auto* longest = property.if_contains("maxLength")) {
      const auto length = static_cast<std::size_t>(longest->as_int64());
      EXPECT_EQ(status_with(json::value(std::string(length, 'x'))), 200) << setting.name;
      EXPECT_EQ(status_with(json::value(std::string(length + 1, 'x'))), 422) << setting.name;
    }
  }
}

}  // namespace
}  // namespace exposee::api

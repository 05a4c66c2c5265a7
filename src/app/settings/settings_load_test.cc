#include "app/settings/settings_load.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/settings/settings_file.h"
#include "app/settings/settings_print.h"
#include "embedded/default_config.h"
#include "fakes/test_directory.h"

namespace exposee::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

// In a directory of the test's own, gone with it.
class SettingsLoad : public testing::Test {
 protected:
  SettingsLoad() {
    std::filesystem::current_path(directory_);
  }
  ~SettingsLoad() override { std::filesystem::current_path(before_); }

  std::string write(const std::string& name, std::string_view text) const {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  // What load_settings says about a file of this text; the file's path is shortened to "FILE".
  SettingsFaults faults_of(std::string_view text) const {
    const std::string path = write("exposee.toml", text);
    const auto loaded = load_settings({path, {}, {}});
    if (loaded) return {};
    SettingsFaults faults = loaded.error();
    for (std::string& fault : faults) {
      if (const auto at = fault.find(path); at != std::string::npos) fault.replace(at, path.size(), "FILE");
    }
    return faults;
  }

  std::filesystem::path before_ = std::filesystem::current_path();
  const fakes::TestDirectory own_;
  const std::string directory_ = own_.path();
};

std::size_t row_of(std::string_view name) {
  const auto& table = setting_table();
  const auto found = std::ranges::find(table, name, &Setting::name);
  return static_cast<std::size_t>(found - table.begin());
}

std::string origin_of(const LoadedSettings& loaded, std::string_view name) {
  return loaded.origins.at(row_of(name));
}

SettingsFaults faults_of_environment(const Environment& environment) {
  const auto loaded = load_settings({std::nullopt, environment, {}});
  return loaded ? SettingsFaults{} : loaded.error();
}

TEST_F(SettingsLoad, WithoutAnySourceGivesTheDefaults) {
  const auto loaded = load_settings({});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings, Settings{});
  EXPECT_EQ(loaded->config_path, "");
  for (const std::string& origin : loaded->origins) EXPECT_EQ(origin, "default");
}

TEST_F(SettingsLoad, TheDefaultFileNamesEveryKeyWithItsDefault) {
  const std::string path = write("default.toml", embedded::default_config());
  const auto loaded = load_settings({path, {}, {}});
  ASSERT_TRUE(loaded) << loaded.error().front();
  for (const Setting& setting : setting_table()) {
    EXPECT_EQ(setting.show(loaded->settings), setting.show(Settings{})) << setting.name();
    EXPECT_THAT(origin_of(*loaded, setting.name()), HasSubstr(path + ":")) << setting.name();
  }
}

TEST_F(SettingsLoad, TheDefaultFileExplainsEveryKeyInTheWordsOfTheTableAndInItsOrder) {
  const std::string_view file = embedded::default_config();
  std::size_t at = 0;
  for (const Setting& setting : setting_table()) {
    at = file.find("# " + setting.help + "\n", at);
    ASSERT_NE(at, std::string_view::npos) << setting.name();
    at = file.find("\n" + setting.key + " = ", at);
    ASSERT_NE(at, std::string_view::npos) << setting.name();
  }
}

TEST_F(SettingsLoad, TheServersOwnUrlMayHaveAnyPort) {
  const std::string path = write("ports.toml", "[server]\npublic_url = \"http://127.0.0.1:6000\"\n");
  const auto loaded = load_settings({path, {}, {}});
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(loaded->settings.server.public_url, "http://127.0.0.1:6000");
}

TEST_F(SettingsLoad, OriginsAreKeptAsBrowsersWriteThem) {
  const auto loaded =
      load_settings({{}, {{"EXPOSEE_CORS_ALLOW_ORIGINS", "https://Shop.example:443/,http://a:6000"}}, {}});
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_THAT(loaded->settings.cors.allow_origins, ElementsAre("https://shop.example", "http://a:6000"));
  EXPECT_THAT(faults_of("[cors]\nallow_origins = [\"shop\"]"), ElementsAre(HasSubstr("is not an origin")));
}

TEST_F(SettingsLoad, ReadsEveryKindFromAFile) {
  const std::string path = write("exposee.toml", R"([server]
listen = ["127.0.0.1:0", "[::1]:0"]
public_url = "https://Hooks.example.com/"
[delivery]
timeout_ms = 2_000
schedule = ["1s", "500ms"]
[security]
allow_networks = ["10.0.0.0/8"]
allow_hosts = ["receiver", "*.corp.example"]
verify_tls = false
[log]
level = "debug"
format = "json"
)");
  const auto loaded = load_settings({path, {}, {}});
  ASSERT_TRUE(loaded) << loaded.error().front();
  const Settings& settings = loaded->settings;
  EXPECT_EQ(settings.server.listen.size(), 2u);
  EXPECT_EQ(settings.server.public_url, "https://hooks.example.com");
  EXPECT_EQ(settings.delivery.timeout, 2s);
  EXPECT_THAT(settings.delivery.schedule.waits, ElementsAre(1000ms, 500ms));
  EXPECT_EQ(settings.security.allow_networks.size(), 1u);
  EXPECT_THAT(settings.security.allow_hosts, ElementsAre("receiver", "*.corp.example"));
  EXPECT_FALSE(settings.security.verify_tls);
  EXPECT_EQ(settings.log.level, LogLevel::debug);
  EXPECT_EQ(settings.log.format, LogFormat::json);
  EXPECT_EQ(origin_of(*loaded, "delivery.timeout_ms"), path + ":5");
  EXPECT_EQ(loaded->config_path, path);
}

TEST_F(SettingsLoad, ReadsEveryKindFromTheEnvironment) {
  const auto loaded = load_settings({std::nullopt,
                                     {{"EXPOSEE_SERVER_LISTEN", "127.0.0.1:1, [::1]:2"},
                                      {"EXPOSEE_DELIVERY_TIMEOUT_MS", "2000"},
                                      {"EXPOSEE_SECURITY_VERIFY_TLS", "false"},
                                      {"EXPOSEE_SECURITY_ALLOW_HOSTS", ""},
                                      {"EXPOSEE_DELIVERY_SCHEDULE", "5s,5m"},
                                      {"EXPOSEE_LOG_LEVEL", "warn"},
                                      {"PATH", "/bin"}},
                                     {}});
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(loaded->settings.server.listen.at(1).text(), "[::1]:2");
  EXPECT_EQ(loaded->settings.delivery.timeout, 2s);
  EXPECT_FALSE(loaded->settings.security.verify_tls);
  EXPECT_TRUE(loaded->settings.security.allow_hosts.empty());
  EXPECT_THAT(loaded->settings.delivery.schedule.waits, ElementsAre(5s, 5min));
  EXPECT_EQ(loaded->settings.log.level, LogLevel::warn);
  EXPECT_EQ(origin_of(*loaded, "log.level"), "EXPOSEE_LOG_LEVEL");
}

TEST_F(SettingsLoad, EveryNameOfTheTableIsAVariable) {
  for (const Setting& setting : setting_table()) {
    EXPECT_THAT(setting.variable(), testing::MatchesRegex("EXPOSEE_[A-Z]+_[A-Z_]+")) << setting.name();
    const auto loaded = load_settings({std::nullopt, {{setting.variable(), "\x01"}}, {}});
    const bool takes_any_text =
        setting.name() == "storage.path" || setting.name() == "security.extra_ca_file";
    EXPECT_EQ(loaded.has_value(), takes_any_text) << setting.name();
  }
}

TEST_F(SettingsLoad, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  const std::string path =
      write("exposee.toml", "[storage]\npath = \"file\"\n[server]\nlisten = \"127.0.0.1:1\"\n");
  const Environment environment = {{"EXPOSEE_STORAGE_PATH", "environment"}};
  const auto by_file = load_settings({path, {}, {}});
  const auto by_environment = load_settings({path, environment, {}});
  const auto by_flag = load_settings({path, environment, {{"--data", "storage.path", "flag"}}});
  ASSERT_TRUE(by_file && by_environment && by_flag);
  EXPECT_EQ(by_file->settings.storage.path, "file");
  EXPECT_EQ(origin_of(*by_file, "storage.path"), path + ":2");
  EXPECT_EQ(by_environment->settings.storage.path, "environment");
  EXPECT_EQ(origin_of(*by_environment, "storage.path"), "EXPOSEE_STORAGE_PATH");
  EXPECT_EQ(by_flag->settings.storage.path, "flag");
  EXPECT_EQ(origin_of(*by_flag, "storage.path"), "--data");
  EXPECT_EQ(origin_of(*by_flag, "server.listen"), path + ":4");
  EXPECT_EQ(origin_of(*by_flag, "log.level"), "default");
}

TEST_F(SettingsLoad, TheFlagForTheFileBeatsTheVariable) {
  const std::string one = write("one.toml", "[storage]\npath = \"one\"\n");
  const std::string two = write("two.toml", "[storage]\npath = \"two\"\n");
  const Environment environment = {{"EXPOSEE_CONFIG", one}};
  EXPECT_EQ(load_settings({std::nullopt, environment, {}})->settings.storage.path, "one");
  EXPECT_EQ(load_settings({two, environment, {}})->settings.storage.path, "two");
  EXPECT_EQ(load_settings({std::nullopt, {{"EXPOSEE_CONFIG", ""}}, {}})->settings.storage.path,
            "./exposee-data");
}

TEST_F(SettingsLoad, AFileInTheWorkingDirectoryIsReadWhenNoneWasAskedFor) {
  write("exposee.toml", "[storage]\npath = \"here\"\n");
  const std::string other = write("other.toml", "");
  const auto loaded = load_settings({});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.storage.path, "here");
  EXPECT_EQ(origin_of(*loaded, "storage.path"), "exposee.toml:2");
  EXPECT_EQ(load_settings({other, {}, {}})->settings.storage.path, "./exposee-data");
}

TEST_F(SettingsLoad, FaultsOfAFileNameThePlaceTheValueAndWhatIsAllowed) {
  const struct {
    const char* text;
    const char* fault;
  } rows[] = {
      {"[server]\nlisen = \"127.0.0.1:1\"",
       "FILE:2: There is no setting 'server.lisen'. Did you mean 'server.listen'?"},
      {"[server]\ntimeout_ms = 5000",
       "FILE:2: There is no setting 'server.timeout_ms'. Did you mean 'delivery.timeout_ms'?"},
      {"listen = \"127.0.0.1:1\"", "FILE:1: There is no setting 'listen'. Did you mean 'server.listen'?"},
      {"[server]\nelephant = 1", "FILE:2: There is no setting 'server.elephant'."},
      {"\n[delivry]\ntimeout_ms = 5000", "FILE:2: There is no section 'delivry'. Did you mean 'delivery'?"},
      {"[elephants]", "FILE:1: There is no section 'elephants'."},
      {"[delivery]\ntimeout_ms = 500",
       "FILE:2: delivery.timeout_ms is 500, but must be a whole number of milliseconds from 1000 to 30000."},
      {"[delivery]\ntimeout_ms = 30001",
       "FILE:2: delivery.timeout_ms is 30001, but must be a whole number of milliseconds from 1000 to "
       "30000."},
      {"[delivery]\ntimeout_ms = \"5000\"",
       "FILE:2: delivery.timeout_ms is \"5000\", but must be a whole number of milliseconds from 1000 to "
       "30000."},
      {"[delivery]\nmax_in_flight = 1.5",
       "FILE:2: delivery.max_in_flight is a number with a fraction, but must be a whole number from 1 to "
       "1000000."},
      {"[delivery]\nmax_in_flight = {}",
       "FILE:2: delivery.max_in_flight is a table, but must be a whole number from 1 to 1000000."},
      {"[delivery]\nmax_in_flight = 2025-01-01",
       "FILE:2: delivery.max_in_flight is a date or time, but must be a whole number from 1 to 1000000."},
      {"[security]\nverify_tls = 0", "FILE:2: security.verify_tls is 0, but must be true or false."},
      {"[storage]\npath = \"\"", "FILE:2: storage.path is \"\", but must be a path."},
      {"[log]\nlevel = \"loud\"",
       "FILE:2: log.level is \"loud\", but must be one of \"trace\", \"debug\", \"info\", \"warn\", "
       "\"error\"."},
      {"[delivery]\nschedule = [5, 6]",
       "FILE:2: delivery.schedule is a list of other things than texts, but must be a list of durations like "
       "\"5s\", \"30m\" or \"2h\"."},
      {"[delivery]\nschedule = [\"soon\"]",
       "FILE:2: delivery.schedule is [\"soon\"], but must be a list of durations like \"5s\", \"30m\" or "
       "\"2h\" (\"soon\" is not a duration)."},
      {"[security]\nallow_hosts = [\"Shop.example\"]",
       "FILE:2: security.allow_hosts is [\"Shop.example\"], but must be a list of lower-case host names or "
       "patterns like \"*.example.com\" (\"Shop.example\" is neither)."},
      {"[server]\nallowed_hosts = [\"shop.example:8000\"]",
       "FILE:2: server.allowed_hosts is [\"shop.example:8000\"], but must be a list of lower-case host names "
       "without port, or patterns like \"*.example.com\", or [\"*\"] for any (\"shop.example:8000\" is "
       "neither)."},
  };
  for (const auto& row : rows) EXPECT_THAT(faults_of(row.text), ElementsAre(row.fault)) << row.text;
}

TEST_F(SettingsLoad, AllowPrivateIsAWordOrYesOrNoInTheFileAsInAVariable) {
  const struct {
    const char *file, *variable;
    AllowPrivate value;
  } rows[] = {{"\"auto\"", "auto", AllowPrivate::automatic},
              {"true", "true", AllowPrivate::yes},
              {"false", "false", AllowPrivate::no}};
  for (const auto& row : rows) {
    const std::string path = write("private.toml", std::string("[security]\nallow_private = ") + row.file);
    EXPECT_EQ(load_settings({path, {}, {}})->settings.security.allow_private, row.value) << row.file;
    const Environment environment{{"EXPOSEE_SECURITY_ALLOW_PRIVATE", row.variable}};
    EXPECT_EQ(load_settings({"", environment, {}})->settings.security.allow_private, row.value) << row.variable;
  }
}

TEST_F(SettingsLoad, APublicUrlMayHaveAPathAndLosesTheSlashAtItsEnd) {
  for (const char* text : {"https://Example.com:443/hooks/", "https://example.com/hooks"}) {
    const std::string path = write("public.toml", std::string("[server]\npublic_url = \"") + text + "\"\n");
    EXPECT_EQ(load_settings({path, {}, {}})->settings.server.public_url, "https://example.com/hooks") << text;
  }
}

TEST_F(SettingsLoad, ReasonsOfTheCoreAreHandedOn) {
  const struct {
    const char* text;
    const char* name;
  } rows[] = {
      {"[server]\nlisten = \"example.com:80\"", "server.listen is \"example.com:80\""},
      {"[server]\nlisten = \"127.0.0.1\"", "server.listen is \"127.0.0.1\""},
      {"[server]\nlisten = \"127.0.0.1:65536\"", "server.listen is \"127.0.0.1:65536\""},
      {"[server]\nlisten = \"::1:80\"", "server.listen is \"::1:80\""},
      {"[server]\nlisten = \"127.1:80\"", "(\"127.1\" is not an IP address)"},
      {"[server]\nlisten = []", "(nothing would be listened on)"},
      {"[server]\npublic_url = \"ftp://example.com\"", "server.public_url is \"ftp://example.com\""},
      {"[server]\npublic_url = \"https://example.com/hooks?a\"", "(it has a query)"},
      {"[security]\nallow_private = \"yes\"", "security.allow_private is \"yes\", but must be \"auto\", true or"},
      {"[security]\nallow_private = 1", "security.allow_private is 1"},
      {"[cors]\nallow_origins = [\"https://shop.example/x\"]", "is not an origin"},
      {"[delivery]\nschedule = [\"745h\"]", "delivery.schedule is [\"745h\"]"},
      {"[delivery]\nschedule = [\"0s\"]", "delivery.schedule is [\"0s\"]"},
      {"[security]\nallow_networks = [\"10.0.0.0/33\"]", "security.allow_networks is [\"10.0.0.0/33\"]"}};
  for (const auto& row : rows) EXPECT_THAT(faults_of(row.text), ElementsAre(HasSubstr(row.name))) << row.text;
}

TEST_F(SettingsLoad, SaysAllFaultsAtOnceInTheOrderOfTheFile) {
  EXPECT_THAT(faults_of("[server]\nzebra = 1\nlisten = 5\napple = 2\n"),
              ElementsAre(HasSubstr("FILE:2: "), HasSubstr("FILE:3: "), HasSubstr("FILE:4: ")));
}

TEST_F(SettingsLoad, WhatIsNoTomlNamesThePlace) {
  EXPECT_THAT(faults_of("[server]\nlisten =\n"), ElementsAre(HasSubstr("FILE:2: not valid TOML (column ")));
  EXPECT_THAT(faults_of("[server]\nlisten = \"a\"\nlisten = \"b\"\n"), ElementsAre(HasSubstr("FILE:3: ")));
}

TEST_F(SettingsLoad, AFileThatWasAskedForMustBeReadable) {
  const std::string missing = directory_ + "/missing.toml";
  EXPECT_THAT(load_settings({missing, {}, {}}).error(),
              ElementsAre("The settings file " + missing + " does not exist."));
  EXPECT_THAT(load_settings({directory_, {}, {}}).error(),
              ElementsAre("The settings file " + directory_ + " is a directory."));
  const std::string large = write("large.toml", std::string(kMaxConfigBytes + 1, '#'));
  EXPECT_THAT(load_settings({large, {}, {}}).error(),
              ElementsAre("The settings file " + large + " is larger than 1 MiB."));
}

TEST_F(SettingsLoad, FaultsOfTheEnvironmentNameTheVariable) {
  EXPECT_THAT(faults_of_environment({{"EXPOSEE_LOG_LEVL", "info"}}),
              ElementsAre("There is no setting for the environment variable 'EXPOSEE_LOG_LEVL'. "
                          "Did you mean 'EXPOSEE_LOG_LEVEL'?"));
  EXPECT_THAT(
      faults_of_environment({{"EXPOSEE_CONFIGURATION_OF_EVERYTHING", ""}}),
      ElementsAre("There is no setting for the environment variable 'EXPOSEE_CONFIGURATION_OF_EVERYTHING'."));
  EXPECT_THAT(
      faults_of_environment({{"EXPOSEE_DELIVERY_TIMEOUT_MS", "soon"}}),
      ElementsAre("EXPOSEE_DELIVERY_TIMEOUT_MS: delivery.timeout_ms is \"soon\", but must be a whole number "
                  "of milliseconds from 1000 to 30000."));
  EXPECT_THAT(
      faults_of_environment({{"EXPOSEE_SECURITY_HTTPS_ONLY", "yes"}}),
      ElementsAre("EXPOSEE_SECURITY_HTTPS_ONLY: security.https_only is \"yes\", but must be true or false."));
  EXPECT_FALSE(faults_of_environment({{"EXPOSEE_LOG_LEVEL_FILE", "/dev/null"}}).empty());
}

TEST_F(SettingsLoad, VariablesOfContainerPlatformsAreNotOurs) {
  EXPECT_THAT(faults_of_environment({{"EXPOSEE_SERVICE_HOST", "10.0.0.1"},
                                     {"EXPOSEE_SERVICE_PORT", "8000"},
                                     {"EXPOSEE_SERVICE_PORT_HTTP", "8000"},
                                     {"EXPOSEE_PORT", "tcp://10.0.0.1:8000"},
                                     {"EXPOSEE_PORT_8000_TCP_ADDR", "10.0.0.1"},
                                     {"EXPOSEE_WEB_SERVICE_HOST", "10.0.0.1"}}),
              ElementsAre());
  EXPECT_EQ(faults_of_environment({{"EXPOSEE_PORT_NUMBER", "8000"}}).size(), 1u);
  EXPECT_THAT(faults_of_environment({{"EXPOSEE_LOG_LEVLE", "info"}}),
              ElementsAre(HasSubstr("Did you mean 'EXPOSEE_LOG_LEVEL'?")));
}

// The table with log.level as if it were a secret.
SettingTable table_with_secret() {
  SettingTable table = setting_table();
  table.at(row_of("storage.path")).secret = true;
  table.at(row_of("log.level")).secret = true;
  return table;
}

TEST_F(SettingsLoad, ASecretMayComeFromTheFileThatItsVariableNames) {
  const std::string path = write("secret", "deep\n");
  const SettingTable table = table_with_secret();
  const auto loaded = load_settings({std::nullopt, {{"EXPOSEE_STORAGE_PATH_FILE", path}}, {}}, table);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->settings.storage.path, "deep");
  const auto missing = load_settings({std::nullopt, {{"EXPOSEE_STORAGE_PATH_FILE", "/missing"}}, {}}, table);
  EXPECT_THAT(missing.error(), ElementsAre("EXPOSEE_STORAGE_PATH_FILE: The file /missing does not exist."));
}

TEST_F(SettingsLoad, ASecretIsNeverShown) {
  const SettingTable table = table_with_secret();
  const auto refused = load_settings({std::nullopt, {{"EXPOSEE_LOG_LEVEL", "hunter2"}}, {}}, table);
  EXPECT_THAT(refused.error().front(), testing::Not(HasSubstr("hunter2")));
  const auto loaded = load_settings({std::nullopt, {{"EXPOSEE_STORAGE_PATH", "hunter2"}}, {}}, table);
  ASSERT_TRUE(loaded);
  EXPECT_THAT(settings_as_toml(*loaded, table), testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(settings_as_json(*loaded, table), testing::Not(HasSubstr("hunter2")));
  EXPECT_THAT(settings_as_toml(*loaded, table), HasSubstr("path = \"(hidden)\""));
}

TEST_F(SettingsLoad, WhatIsPrintedIsASettingsFileThatSaysTheSame) {
  auto loaded = load_settings({std::nullopt,
                               {{"EXPOSEE_STORAGE_PATH", "a \"b\" \\ \x01 \xC3\xA9"},
                                {"EXPOSEE_DELIVERY_SCHEDULE", "1500ms,90s"},
                                {"EXPOSEE_SECURITY_ALLOW_NETWORKS", "10.0.0.0/8,fd00::/8"},
                                {"EXPOSEE_SERVER_LISTEN", "[::1]:0"}},
                               {}});
  ASSERT_TRUE(loaded);
  const auto again = load_settings({write("printed.toml", settings_as_toml(*loaded)), {}, {}});
  ASSERT_TRUE(again) << again.error().front();
  EXPECT_EQ(again->settings, loaded->settings);
}

TEST_F(SettingsLoad, AFaultIsOneSentenceWithOneFullStop) {
  EXPECT_THAT(faults_of("[server]\nlisten = \"19000\""),
              ElementsAre(testing::EndsWith("for this machine only, write 127.0.0.1:19000).")));
}

TEST_F(SettingsLoad, OnlyANearVariableIsTakenForTheOneThatWasMeant) {
  const struct {
    std::string variable, meant;
  } rows[] = {{"EXPOSEE_FOO", ""},
              {"EXPOSEE_", ""},
              {"EXPOSEE_KEY", ""},
              {"EXPOSEE_ULR", "EXPOSEE_URL"},
              {"EXPOSEE_LISTEN", "EXPOSEE_SERVER_LISTEN"},
              {"EXPOSEE_ALLOWED_HOSTS", "EXPOSEE_SERVER_ALLOWED_HOSTS"},
              {"EXPOSEE_SERVER_LISEN", "EXPOSEE_SERVER_LISTEN"},
              {"EXPOSEE_CONFIGS", "EXPOSEE_CONFIG"}};
  for (const auto& row : rows) {
    const auto hint = row.meant.empty() ? "'." : "Did you mean '" + row.meant + "'?";
    EXPECT_THAT(faults_of_environment({{row.variable, "x"}}), ElementsAre(testing::EndsWith(hint)))
        << row.variable;
  }
}

TEST_F(SettingsLoad, TheVariableOfTheClientsCommandsIsNoFault) {
  EXPECT_TRUE(load_settings({std::nullopt, {{"EXPOSEE_URL", "http://127.0.0.1:8000"}}, {}}));
  EXPECT_THAT(faults_of_environment({{"EXPOSEE_URI", ""}}), ElementsAre(HasSubstr("Did you mean 'EXPOSEE_URL'?")));
}

}  // namespace
}  // namespace exposee::app

#include "app/cli/cli.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "app/cli/fake_server_for_test.h"
#include "app/run/system_doors.h"
#include "embedded/default_config.h"
#include "store/sqlite/migrations.h"

namespace exposee::app {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct Ended {
  int code = -1;
  std::string out, err;
  std::optional<Settings> served;
};

Ended run(std::vector<std::string> words, Environment environment = {}, int serve_answers = 0) {
  std::ostringstream out, err;
  SystemClock clock;
  Ended ended;
  const auto serve = [&](const Settings& settings, const SettingsReader&, Log& log) {
    ended.served = settings;
    log.info("served");
    return serve_answers;
  };
  World world{out, err, clock, std::move(environment), false, serve};
  ended.code = run_cli(std::move(words), world);
  ended.out = out.str();
  ended.err = err.str();
  return ended;
}

TEST(Cli, WithoutWordsShowsTheCommands) {
  const Ended ended = run({});
  EXPECT_EQ(ended.code, 0);
  for (const char* command : {"serve", "check-config", "version", "healthcheck", "Exit codes"}) {
    EXPECT_THAT(ended.out, HasSubstr(command));
  }
  EXPECT_THAT(ended.err, IsEmpty());
}

TEST(Cli, HelpGoesToStandardOutput) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--help"}, {"help"}, {"serve", "--help"}, {"help", "serve"}, {"check-config", "-h"}}) {
    const Ended ended = run(words);
    EXPECT_EQ(ended.code, 0) << words.front();
    EXPECT_THAT(ended.out, HasSubstr("Usage: exposee"));
    EXPECT_THAT(ended.err, IsEmpty());
    EXPECT_FALSE(ended.served);
  }
  EXPECT_THAT(run({"help", "serve"}).out, HasSubstr("--listen"));
}

TEST(Cli, ACommandWhoseOutputCannotBeWrittenFails) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--help"}, {"version"}, {"version", "--json"}, {"check-config"}, {"check-config", "--defaults"}}) {
    std::ostringstream out, err;
    out.setstate(std::ios::badbit);
    SystemClock clock;
    World world{out, err, clock, {}, false, {}};
    EXPECT_EQ(run_cli(words, world), 1) << words.front();
    EXPECT_THAT(err.str(), HasSubstr("exposee: Standard output cannot be written")) << words.front();
  }
}

TEST(Cli, WrongWordsEndWithTwoAndSaySo) {
  const struct {
    std::vector<std::string> words;
    const char* sentence;
  } rows[] = {
      {{"serv"}, "exposee: There is no command 'serv'. Did you mean 'serve'?  Try: exposee --help\n"},
      {{"elephant"}, "exposee: There is no command 'elephant'.  Try: exposee --help\n"},
      {{"help", "vresion"},
       "exposee: There is no command 'vresion'. Did you mean 'version'?  Try: exposee --help\n"},
      {{"serve", "--lisen", "x"},
       "exposee: exposee serve has no flag '--lisen'. Did you mean '--listen'?  Try: exposee serve --help\n"},
      {{"serve", "--dta=x"},
       "exposee: exposee serve has no flag '--dta'. Did you mean '--data'?  Try: exposee serve --help\n"},
      {{"version", "please"},
       "exposee: exposee version takes no argument 'please'.  Try: exposee version --help\n"},
      {{"--jsn"}, "exposee: exposee has no flag '--jsn'.  Try: exposee --help\n"},
  };
  for (const auto& row : rows) {
    const Ended ended = run(row.words);
    EXPECT_EQ(ended.code, 2) << row.sentence;
    EXPECT_EQ(ended.err, row.sentence);
    EXPECT_THAT(ended.out, IsEmpty());
  }
}

TEST(Cli, TheParsersOwnCodesNeverComeOut) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"serve", "--listen"},
                                                                 {"serve", "--data"},
                                                                 {"serve", "--data", "a", "--data", "b"},
                                                                 {"version", "--json=x"}}) {
    const Ended ended = run(words);
    EXPECT_EQ(ended.code, 2) << words.back();
    EXPECT_THAT(ended.err, HasSubstr("exposee: "));
    EXPECT_FALSE(ended.served);
  }
}

TEST(Cli, VersionComesAsWordsAndAsJson) {
  const auto schema = std::to_string(store::migrations().size());
  EXPECT_EQ(run({"version"}).out, "exposee " EXPOSEE_VERSION " (data schema " + schema + ")\n");
  EXPECT_EQ(run({"--version"}).out, "exposee " EXPOSEE_VERSION " (data schema " + schema + ")\n");
  EXPECT_EQ(run({"version", "--json"}).out,
            "{\"name\":\"exposee\",\"version\":\"" EXPOSEE_VERSION "\",\"schema\":" + schema + "}\n");
}

TEST(Cli, ServeHandsTheSettingsOverAndGivesItsCodeBack) {
  const Ended ended = run({"serve", "--listen", "127.0.0.1:0", "-l", "[::1]:0", "--data", "here"}, {}, 78);
  EXPECT_EQ(ended.code, 78);
  ASSERT_TRUE(ended.served);
  ASSERT_EQ(ended.served->server.listen.size(), 2u);
  EXPECT_EQ(ended.served->server.listen[1].text(), "[::1]:0");
  EXPECT_EQ(ended.served->storage.path, "here");
  EXPECT_THAT(ended.err, HasSubstr(R"("message":"served")"));  // JSON, because nobody watches
}

TEST(Cli, ServeDoesNotStartWithAWrongSetting) {
  const Ended ended = run({"serve", "--listen", "nowhere"});
  EXPECT_EQ(ended.code, 2);
  EXPECT_FALSE(ended.served);
  EXPECT_THAT(ended.err, HasSubstr(R"("message":"--listen: server.listen is [\"nowhere\"], but must be )"));
  EXPECT_EQ(run({"serve"}, {{"EXPOSEE_SERVR_LISTEN", "x"}}).code, 2);
}

TEST(Cli, CheckConfigWarnsOfDangerousSettings) {
  const Ended ended = run({"check-config"}, {{"EXPOSEE_SECURITY_VERIFY_TLS", "false"}});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.err, HasSubstr("warning: CERTIFICATES ARE NOT VERIFIED"));
}

TEST(Cli, CheckConfigShowsEveryValueAndItsOrigin) {
  const Ended ended = run({"check-config", "--data", "here"}, {{"EXPOSEE_LOG_LEVEL", "warn"}});
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, testing::ContainsRegex("path = \"here\" +# --data\n"));
  EXPECT_THAT(ended.out, testing::ContainsRegex("level = \"warn\" +# EXPOSEE_LOG_LEVEL\n"));
  EXPECT_THAT(ended.out, testing::ContainsRegex("timeout_ms = 15000 +# default\n"));
  EXPECT_THAT(ended.err, IsEmpty());
}

TEST(Cli, CheckConfigSpeaksJsonAndPrintsTheManual) {
  const Ended json = run({"check-config", "--json"});
  EXPECT_THAT(json.out,
              HasSubstr(R"({"config":null,"settings":[{"name":"server.listen","value":["127.0.0.1:8000"],)"));
  EXPECT_THAT(json.out, HasSubstr(R"("variable":"EXPOSEE_DELIVERY_TIMEOUT_MS")"));
  EXPECT_EQ(run({"check-config", "--defaults"}).out, embedded::default_config());
}

TEST(Cli, CheckConfigEndsWithTwoAndNamesEveryFault) {
  const Ended ended = run({"check-config"}, {{"EXPOSEE_LOG_LEVEL", "loud"}, {"EXPOSEE_LOG_FORMT", "json"}});
  EXPECT_EQ(ended.code, 2);
  EXPECT_EQ(std::ranges::count(ended.err, '\n'), 2);
  EXPECT_THAT(ended.out, IsEmpty());
}

TEST(Cli, HealthcheckEndsByWhatTheServerSays) {
  const struct {
    const char* answer;
    FakeServer::Mode mode;
    int code;
    const char* json;
  } rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", FakeServer::Mode::answering, 0,
       R"("healthy":true,"status":200)"},
      {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", FakeServer::Mode::answering, 1,
       R"("healthy":false,"status":503)"},
      {"no http\r\n\r\n", FakeServer::Mode::answering, 1, R"("healthy":false,"status":null)"},
      {"", FakeServer::Mode::closed, 3, R"("healthy":false,"status":null,"error":"Connection refused")"}};
  for (const auto& row : rows) {
    const FakeServer server(row.answer, row.mode);
    const Ended ended = run({"healthcheck", "--json", "--url", server.url() + "/"});
    EXPECT_EQ(ended.code, row.code) << row.answer;
    EXPECT_THAT(ended.out, HasSubstr(row.json));
  }
}

TEST(Cli, HealthcheckAsksTheAddressOfTheSettings) {
  const FakeServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const std::string address = server.url().substr(std::string_view("http://").size());
  const Ended ended = run({"healthcheck"}, {{"EXPOSEE_SERVER_LISTEN", address}});
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.out, "ok\n");
}

// Whether something listens on that port is another matter: it is asked in any case.
TEST(Cli, HealthcheckAsksAnyPortThatServeMayListenOn) {
  const Ended ended = run({"healthcheck"}, {{"EXPOSEE_SERVER_LISTEN", "127.0.0.1:6000"}});
  EXPECT_NE(ended.code, 2) << ended.err;
}

TEST(Cli, AFailingHealthcheckSaysWhereItsAddressWasConfigured) {
  const FakeServer server("", FakeServer::Mode::closed);
  const std::string address = server.url().substr(std::string_view("http://").size());
  const Ended ended = run({"healthcheck"}, {{"EXPOSEE_SERVER_LISTEN", address}});
  EXPECT_EQ(ended.code, 3);
  EXPECT_THAT(ended.err, HasSubstr("The address is from EXPOSEE_SERVER_LISTEN; --url asks another."));
  EXPECT_EQ(run({"healthcheck", "--url", server.url()}).err.find("The address is from"), std::string::npos);
}

TEST(Cli, HealthcheckRefusesWhatItCannotAsk) {
  const std::vector<std::string> rows[] = {
      {"healthcheck", "--url", "https://127.0.0.1"}, {"healthcheck", "--url", "nowhere"},
      {"healthcheck", "--timeout", "soon"},          {"healthcheck", "--timeout", "0s"},
      {"healthcheck", "--timeout", "61s"},           {"healthcheck", "--listen", "127.0.0.1:0"}};
  for (const auto& words : rows) EXPECT_EQ(run(words).code, 2) << words.back();
}

}  // namespace
}  // namespace exposee::app

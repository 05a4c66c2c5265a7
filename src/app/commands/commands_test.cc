// The commands of the server, and the whole table as main() joins it.
#include "app/commands/commands.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "app/commands/setting_flags.h"
#include "app/run/system_doors.h"
#include "cli/cli.h"
#include "cli/client/fake_server_for_test.h"
#include "cli/client/server.h"
#include "cli/parse.h"
#include "cli/print/completion.h"
#include "cli/print/help.h"
#include "cli/print/man.h"
#include "embedded/default_config.h"
#include "store/sqlite/migrations.h"

namespace exposee::app {
namespace {

using cli::FakeServer;
using testing::HasSubstr;
using testing::IsEmpty;

struct Ended {
  int code = -1;
  std::string out, err;
  std::optional<Settings> served;
};

Ended run(std::vector<std::string> words, Environment environment = {}, int serve_replies = 0,
          std::ios::iostate out_state = std::ios::goodbit) {
  std::istringstream in;
  std::ostringstream out, err;
  out.setstate(out_state);
  SystemClock clock;
  Ended ended;
  const auto serve = [&](const Settings& settings, const SettingsReader&, Log& log) {
    ended.served = settings;
    log.info("served");
    return serve_replies;
  };
  const ServerDoors doors{clock, serve};
  const auto table = all_commands(doors);
  cli::World world{in, out, err, clock.now(), std::move(environment), false, {}, table};
  world.configured_server = [&world](const cli::Arguments& arguments) {
    return configured_server(arguments, world);
  };
  ended.code = cli::run_cli(std::move(words), world);
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
  for (const auto& words : std::vector<std::vector<std::string>>{{"--help"},
                                                                 {"version"},
                                                                 {"version", "--json"},
                                                                 {"check-config"},
                                                                 {"check-config", "--defaults"},
                                                                 {"man"}}) {
    const Ended ended = run(words, {}, 0, std::ios::badbit);
    EXPECT_EQ(ended.code, 1) << words.front();
    EXPECT_THAT(ended.err, HasSubstr("exposee: Standard output cannot be written")) << words.front();
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
      {{"help", "elephant"}, "exposee: There is no command 'elephant'.  Try: exposee --help\n"},
      {{"ping", "--jsn"},
       "exposee: exposee ping has no flag '--jsn'. Did you mean '--json'?  Try: exposee ping --help\n"},
      {{"register", "a"}, "exposee: URL is missing.  Try: exposee register --help\n"},
      {{"retry"}, "exposee: ID is missing.  Try: exposee retry --help\n"},
      {{"completion", "fsih"},
       "exposee: SHELL must be one of bash, zsh, fish, not 'fsih'. Did you mean 'fish'?  Try: exposee "
       "completion --help\n"},
      {{"deliveries", "--status", "exausted"},
       "exposee: --status must be one of pending, in_flight, succeeded, exhausted, cancelled, not "
       "'exausted'. Did you "
       "mean 'exhausted'?  Try: exposee deliveries --help\n"},
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
  EXPECT_THAT(ended.err,
              HasSubstr("The address is from EXPOSEE_SERVER_LISTEN; use --url for another server."));
  EXPECT_EQ(run({"healthcheck", "--url", server.url()}).err.find("The address is from"), std::string::npos);
}

TEST(Cli, HealthcheckRefusesWhatItCannotAsk) {
  const std::vector<std::string> rows[] = {
      {"healthcheck", "--url", "nowhere"},  {"healthcheck", "--url", "http://127.0.0.1/?a"},
      {"healthcheck", "--timeout", "soon"}, {"healthcheck", "--timeout", "0s"},
      {"healthcheck", "--timeout", "61s"},  {"healthcheck", "--listen", "127.0.0.1:0"}};
  for (const auto& words : rows) EXPECT_EQ(run(words).code, 2) << words.back();
}

// The rows of the table, each held to the same rules.
struct Rows {
  SystemClock clock;
  ServerDoors doors{clock, {}};
  std::vector<cli::Command> table = all_commands(doors);
};

// As a shell divides them; quotes are single ones.
std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '\'')
      quoted = !quoted;
    else if (c == ' ' && !quoted)
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

TEST(CommandTable, EveryCommandIsExplainedInOneLineAndHasAnExample) {
  const Rows rows;
  for (const auto& command : rows.table) {
    EXPECT_EQ(cli::find_command(rows.table, command.name), &command) << command.name << " is there twice";
    EXPECT_TRUE(command.run) << command.name;
    EXPECT_FALSE(command.examples.empty()) << command.name;
    EXPECT_FALSE(command.help.empty() || command.help.ends_with('.')) << command.name;
    EXPECT_LT(command.help.size(), 80u) << command.name;
    EXPECT_TRUE(command.description.empty() || command.description.ends_with('.')) << command.name;
    for (const auto& option : command.options) {
      EXPECT_TRUE(option.name.starts_with("--") && !option.help.empty()) << command.name << option.name;
    }
    for (const auto& argument : command.arguments) {
      const bool last = &argument == &command.arguments.back();
      EXPECT_TRUE(!argument.help.empty() && (last || (argument.required && !argument.repeated)))
          << command.name;
    }
  }
}

TEST(CommandTable, EveryExampleParsesAsItsCommand) {
  const Rows rows;
  for (const auto& command : rows.table) {
    for (const auto& [line, what] : command.examples) {
      auto words = shell_words(line.substr(0, line.find_first_of("|>")));
      ASSERT_EQ(words.front(), "exposee") << line;
      words.erase(words.begin());
      std::erase(words, "");
      const auto understood = cli::parse(words, rows.table);
      ASSERT_TRUE(understood) << line << ": " << understood.error();
      EXPECT_EQ(understood->command, &command) << line;
      EXPECT_FALSE(what.empty()) << line;
    }
  }
}

TEST(CommandTable, HelpManualAndCompletionsNameEveryCommandAndOption) {
  const Rows rows;
  const std::string help = cli::general_help(rows.table), man = cli::man_page(rows.table, "1.2.3");
  const std::string shells[] = {cli::bash_completion(rows.table), cli::zsh_completion(rows.table),
                                cli::fish_completion(rows.table)};
  for (const auto& command : rows.table) {
    EXPECT_THAT(help, HasSubstr("\n  " + std::string(command.name) + " "));
    EXPECT_THAT(man, HasSubstr(".SS exposee " + std::string(command.name == "check-config"  ? "check\\-config"
                                                            : command.name == "accept-data" ? "accept\\-data"
                                                                                            : command.name)));
    for (const std::string& shell : shells) EXPECT_THAT(shell, HasSubstr(std::string(command.name)));
    const std::string own = cli::command_help(command);
    for (const auto& option : command.options) {
      EXPECT_THAT(own, HasSubstr(std::string(option.name)));
      for (const std::string& shell : shells)
        EXPECT_THAT(shell, HasSubstr(std::string(option.name.substr(2))));
    }
  }
}

TEST(Cli, CommandsAskTheServerThatIsNamedFirst) {
  const struct {
    std::vector<std::string> words;
    Environment environment;
    const char* asked;
  } rows[] = {
      {{}, {{"EXPOSEE_SERVER_LISTEN", "127.0.0.1:1"}}, "from EXPOSEE_SERVER_LISTEN"},
      {{},
       {{"EXPOSEE_SERVER_LISTEN", "127.0.0.1:1"}, {"EXPOSEE_URL", "http://127.0.0.1:1"}},
       "from EXPOSEE_URL"},
      {{"--url", "http://127.0.0.1:1/b/"}, {{"EXPOSEE_URL", "http://127.0.0.1:2"}}, "http://127.0.0.1:1/b/ "},
  };
  for (const auto& row : rows) {
    std::vector<std::string> words = {"webhooks"};
    words.insert(words.end(), row.words.begin(), row.words.end());
    const Ended ended = run(words, row.environment);
    EXPECT_EQ(ended.code, 3) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(row.asked));
  }
  EXPECT_EQ(cli::kUrlVariable, kServerVariable);
}

}  // namespace
}  // namespace exposee::app

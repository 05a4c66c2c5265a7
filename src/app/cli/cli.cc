#include "app/cli/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <system_error>

#include "app/cli/data_commands.h"
#include "core/text/suggest.h"

namespace exposee::app {
namespace {

constexpr const char* kFooter =
    "\nStart:      exposee serve, then open http://127.0.0.1:8000/docs\n"
    "Settings:   exposee check-config --defaults prints the manual of all settings\n"
    "Exit codes: 0 ok, 1 failed, 2 usage or settings, 3 server unreachable, 5 not found, 6 exists already,\n"
    "            7 timed out, 78 do not restart, 130 interrupted";

struct Words {
  SettingFlags serve;
  CheckConfigOptions check_config;
  HealthcheckOptions healthcheck;
  BackupOptions backup;
  AcceptOptions accept_data;
  bool version_json = false;
  bool version_flag = false;
};

void add_config_flag(CLI::App& command, SettingFlags& flags) {
  command
      .add_option("-c,--config", flags.config,
                  "Settings file (else EXPOSEE_CONFIG, else ./exposee.toml if there)")
      ->type_name("FILE");
}

void add_setting_flags(CLI::App& command, SettingFlags& flags) {
  add_config_flag(command, flags);
  command
      .add_option("-l,--listen", flags.listen,
                  "Listen here; may be given several times; port 0 takes a free one")
      ->type_name("ADDRESS:PORT")
      ->allow_extra_args(false);
  command.add_option("-d,--data", flags.data, "Directory of the data")->type_name("DIR");
}

void add_data_flags(CLI::App& command, SettingFlags& flags) {
  add_config_flag(command, flags);
  command.add_option("-d,--data", flags.data, "Directory of the data")->type_name("DIR");
}

void add_data_commands(CLI::App& app, Words& words) {
  CLI::App* backup = app.add_subcommand("backup", "Copy the data while the server runs; overwrites nothing");
  backup->add_option("destination", words.backup.destination, "A new directory, which 'serve --data' starts from")
      ->type_name("DIR")
      ->required();
  add_data_flags(*backup, words.backup.flags);
  backup->add_flag("--json", words.backup.json, "As one JSON object");
  CLI::App* accept =
      app.add_subcommand("accept-data", "Let a backup, or a data file whose log (-wal) is lost, be served");
  add_data_flags(*accept, words.accept_data.flags);
  accept
      ->add_option("--pending", words.accept_data.pending,
                   "Of a backup: send or cancel the deliveries that were pending when it was taken")
      ->type_name("send|cancel")
      ->check(CLI::IsMember({"send", "cancel"}));
}

void add_commands(CLI::App& app, Words& words) {
  CLI::App* serve = app.add_subcommand("serve", "Run the server until SIGTERM or Ctrl-C");
  add_setting_flags(*serve, words.serve);
  CLI::App* check =
      app.add_subcommand("check-config", "Print every setting, its value and where it comes from");
  add_setting_flags(*check, words.check_config.flags);
  check->add_flag("--json", words.check_config.json, "As one JSON object");
  check->add_flag("--defaults", words.check_config.defaults,
                  "Print the default file, the manual of all settings");
  CLI::App* version = app.add_subcommand("version", "Print the version");
  version->add_flag("--json", words.version_json, "As one JSON object");
  CLI::App* health =
      app.add_subcommand("healthcheck", "Ask a running server whether it is alive (GET /livez)");
  add_setting_flags(*health, words.healthcheck.flags);
  health->add_option("--url", words.healthcheck.url, "The server, instead of the address in the settings")
      ->type_name("URL");
  health->add_option("--timeout", words.healthcheck.timeout, "How long to wait, 1s to 60s")
      ->type_name("DURATION")
      ->capture_default_str();
  health->add_flag("--json", words.healthcheck.json, "As one JSON object");
  health->footer(
      "\nExit codes: 0 alive, 1 an answer other than 200, 2 usage or settings, 3 unreachable, 7 timed out");
  add_data_commands(app, words);
  // Words that nobody knows are kept, so that complain_about() can say what was meant.
  for (CLI::App* command : app.get_subcommands({})) command->allow_extras();
}

void describe(CLI::App& app, Words& words) {
  app.description("Exposee: a webhook notification service. One binary, no other server needed.");
  app.get_formatter()->column_width(32);
  app.require_subcommand(0, 1);
  app.allow_extras();
  app.add_flag("-V,--version", words.version_flag, "Print the version");
  add_commands(app, words);
  app.footer(kFooter);  // after the commands, which would take it over
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names = {"help"};
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> flag_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

int complain_about(const std::string& word, const CLI::App& app, const CLI::App* command, World& world) {
  const bool is_flag = word.starts_with('-');
  const std::string flag = word.substr(0, word.find('='));
  if (command == nullptr && !is_flag) {
    return usage_error("There is no command '" + word + "'." + did_you_mean(word, command_names(app)) +
                           "  Try: exposee --help",
                       world);
  }
  const std::string name = command == nullptr ? "exposee" : "exposee " + command->get_name();
  const std::string what = is_flag ? "has no flag '" + flag + "'." : "takes no argument '" + word + "'.";
  const std::string hint = is_flag ? did_you_mean(flag, flag_names(command == nullptr ? app : *command)) : "";
  return usage_error(name + " " + what + hint + "  Try: " + name + " --help", world);
}

// "exposee help serve" is "exposee serve --help"; a command that does not exist stays for complain_about().
void understand_help(std::vector<std::string>& words, const CLI::App& app) {
  if (words.empty() || words.front() != "help") return;
  words.erase(words.begin());
  if (words.size() > 1) words.resize(1);
  const auto known = command_names(app);
  const bool helpful = words.empty() || std::ranges::find(known, words.front()) != known.end();
  if (helpful) words.emplace_back("--help");
}

int run_command(const CLI::App& app, const Words& words, World& world) {
  const auto chosen = app.get_subcommands();
  const CLI::App* command = chosen.empty() ? nullptr : chosen.front();
  const auto unknown = app.remaining(true);
  if (!unknown.empty()) return complain_about(unknown.front(), app, command, world);
  if (words.version_flag) return version_command(false, world);
  if (command == nullptr) {
    world.out << app.help();
    return to_int(ExitCode::ok);
  }
  if (command->get_name() == "serve") return serve_command(words.serve, world);
  if (command->get_name() == "check-config") return check_config_command(words.check_config, world);
  if (command->get_name() == "version") return version_command(words.version_json, world);
  if (command->get_name() == "backup") return backup_command(words.backup, world);
  if (command->get_name() == "accept-data") return accept_data_command(words.accept_data, world);
  return healthcheck_command(words.healthcheck, world);
}

// A report that did not reach its reader must not pass for one: a full disk, a closed descriptor.
int check_output(int code, World& world) {
  if (world.out.flush()) return code;
  const std::string why = errno == 0 ? "" : ": " + std::generic_category().message(errno);
  world.err << "exposee: Standard output cannot be written" << why << ".\n";
  return code == to_int(ExitCode::ok) ? to_int(ExitCode::failed) : code;
}

int understand_and_run(std::vector<std::string> words, World& world) {
  Words understood;
  CLI::App app("", "exposee");
  describe(app, understood);
  understand_help(words, app);
  std::ranges::reverse(words);  // the order that CLI11 takes them in
  try {
    app.parse(words);
  } catch (const CLI::Success& success) {
    app.exit(success, world.out, world.err);  // --help
    return to_int(ExitCode::ok);
  } catch (const CLI::ParseError& error) {
    return usage_error(std::string(error.what()) + "  Try: exposee --help", world);
  }
  return run_command(app, understood, world);
}

}  // namespace

int run_cli(std::vector<std::string> words, World& world) {
  errno = 0;
  return check_output(understand_and_run(std::move(words), world), world);
}

}  // namespace exposee::app

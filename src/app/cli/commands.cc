#include "app/cli/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <expected>

#include "app/cli/http_get.h"
#include "app/run/start_warnings.h"
#include "app/settings/duration_text.h"
#include "app/settings/settings_load.h"
#include "app/settings/settings_print.h"
#include "app/terminal.h"
#include "embedded/default_config.h"
#include "json/line.h"
#include "store/sqlite/migrations.h"

namespace exposee::app {
namespace {

constexpr std::chrono::seconds kLongestHealthTimeout{60};

SettingsSources sources_of(const SettingFlags& flags, const World& world) {
  SettingsSources sources{flags.config, world.environment, {}};
  std::string listen;
  for (const std::string& address : flags.listen) listen += (listen.empty() ? "" : ",") + address;
  if (!flags.listen.empty()) sources.flags.push_back({"--listen", "server.listen", listen});
  if (flags.data) sources.flags.push_back({"--data", "storage.path", *flags.data});
  return sources;
}

LogOptions log_options(const LogSettings& settings, const World& world) {
  LogOptions options{settings.level};
  options.json = settings.format == LogFormat::json ||
                 (settings.format == LogFormat::automatic && !world.err_is_terminal);
  options.colour = wants_colour(world.err_is_terminal, world.environment);
  return options;
}

// What reads a server's log must be able to read why there is no server.
int refuse_to_serve(const SettingsFaults& faults, const SettingsSources& sources, World& world) {
  const auto options = log_options(log_settings_despite_faults(sources), world);
  Log log(options, world.err, world.clock);
  for (const std::string& fault : faults) {
    if (options.json)
      log.error(fault);
    else
      usage_error(fault, world);
  }
  return to_int(ExitCode::usage);
}

struct Health {
  std::string url;
  ExitCode code = ExitCode::ok;
  int status = 0;       // 0: no answer
  std::string problem;  // a sentence; empty when healthy
  std::string origin;   // where the address was configured: "exposee.toml:3"; empty: as asked, or the default
};

// Where to ask; the error is for usage.
std::expected<Url, std::string> livez_url(std::string base) {
  if (base.ends_with('/')) base.pop_back();
  auto url = parse_server_url(base + "/livez");
  if (!url) return std::unexpected(fmt::format("'{}' is not a URL to ask: {}.", base, url.error().message));
  if (url->https)
    return std::unexpected(fmt::format("healthcheck speaks plain http only, and '{}' is https.", base));
  return *url;
}

ExitCode code_of(HttpFailure failure) {
  switch (failure) {
    case HttpFailure::unreachable:
      return ExitCode::unreachable;
    case HttpFailure::timed_out:
      return ExitCode::timed_out;
    case HttpFailure::bad_answer:
      break;
  }
  return ExitCode::failed;
}

Health ask(const Url& url, std::chrono::milliseconds timeout, const Clock& clock) {
  Health health{url.text};
  const auto answer = http_get(url, timeout, clock);
  if (!answer) {
    health.code = code_of(answer.error().failure);
    health.problem = answer.error().message;
    return health;
  }
  health.status = answer->status;
  if (answer->status == 200) return health;
  health.code = ExitCode::failed;
  health.problem = fmt::format("it answers {}", answer->status);
  return health;
}

int report(const Health& health, bool json, World& world) {
  const bool healthy = health.code == ExitCode::ok;
  if (json) {
    JsonLine line;
    line.add("url", health.url);
    line.add("healthy", healthy);
    line.add_raw("status", health.status == 0 ? "null" : std::to_string(health.status));
    if (!healthy) line.add("error", health.problem);
    world.out << std::move(line).finish() << '\n';
  } else if (healthy) {
    world.out << "ok\n";
  } else {
    world.err << fmt::format("exposee: {} is not healthy: {}.\n", health.url, health.problem);
    if (!health.origin.empty()) {
      world.err << fmt::format("The address is from {}; --url asks another.\n", health.origin);
    }
  }
  return to_int(health.code);
}

// The first configured address; the error is for usage.
std::expected<std::string, std::string> configured_url(const Settings& settings) {
  const net::ListenAddress& address = settings.server.listen.front();
  if (address.port == 0) return std::unexpected("The settings leave the port to the system; say --url.");
  return local_url(address);
}

// Which file, variable or flag set the address; a file that happens to lie in the working directory is easily
// overlooked. Empty: the default.
std::string origin_of_listen(const LoadedSettings& loaded) {
  const auto row = std::ranges::find_if(
      setting_table(), [](const Setting& setting) { return setting.name() == "server.listen"; });
  const auto& origin = loaded.origins[static_cast<std::size_t>(row - setting_table().begin())];
  return origin == "default" ? std::string{} : origin;
}

}  // namespace

int usage_error(const std::string& sentence, World& world) {
  world.err << "exposee: " << sentence << '\n';
  return to_int(ExitCode::usage);
}

std::optional<LoadedSettings> load_or_complain(const SettingFlags& flags, World& world) {
  auto loaded = load_settings(sources_of(flags, world));
  if (loaded) return std::move(*loaded);
  for (const std::string& fault : loaded.error()) usage_error(fault, world);
  return std::nullopt;
}

int serve_command(const SettingFlags& flags, World& world) {
  const auto sources = sources_of(flags, world);
  const auto loaded = load_settings(sources);
  if (!loaded) return refuse_to_serve(loaded.error(), sources, world);
  auto out = world.log_out ? world.log_out : writer_to(world.err);
  Log log(log_options(loaded->settings.log, world), std::move(out), world.clock);
  if (!loaded->config_path.empty()) log.info("settings read", {{"file", std::string_view(loaded->config_path)}});
  const auto read_again = [&sources]() -> std::expected<Settings, SettingsFaults> {
    auto again = load_settings(sources);
    if (!again) return std::unexpected(std::move(again).error());
    return std::move(again->settings);
  };
  return world.serve(loaded->settings, read_again, log);
}

int check_config_command(const CheckConfigOptions& options, World& world) {
  if (options.defaults) {
    world.out << embedded::default_config();
    return to_int(ExitCode::ok);
  }
  const auto loaded = load_or_complain(options.flags, world);
  if (!loaded) return to_int(ExitCode::usage);
  world.out << (options.json ? settings_as_json(*loaded) : settings_as_toml(*loaded));
  for (const std::string& warning : start_warnings(loaded->settings))
    world.err << "warning: " << warning << '\n';
  return to_int(ExitCode::ok);
}

int version_command(bool json, World& world) {
  const auto schema = store::migrations().size();
  if (!json) {
    world.out << fmt::format("exposee {} (data schema {})\n", EXPOSEE_VERSION, schema);
    return to_int(ExitCode::ok);
  }
  JsonLine line;
  line.add("name", "exposee");
  line.add("version", EXPOSEE_VERSION);
  line.add("schema", std::uint64_t{schema});
  world.out << std::move(line).finish() << '\n';
  return to_int(ExitCode::ok);
}

int healthcheck_command(const HealthcheckOptions& options, World& world) {
  const auto timeout = parse_duration(options.timeout);
  if (!timeout || timeout->count() == 0 || *timeout > kLongestHealthTimeout) {
    return usage_error("--timeout must be a duration from 1s to 60s, such as 5s.", world);
  }
  std::expected<std::string, std::string> base = options.url;
  std::string origin;
  if (options.url.empty()) {
    const auto loaded = load_or_complain(options.flags, world);
    if (!loaded) return to_int(ExitCode::usage);
    base = configured_url(loaded->settings);
    origin = origin_of_listen(*loaded);
  }
  if (!base) return usage_error(base.error(), world);
  const auto url = livez_url(*base);
  if (!url) return usage_error(url.error(), world);
  auto health = ask(*url, *timeout, world.clock);
  health.origin = std::move(origin);
  return report(health, options.json, world);
}

}  // namespace exposee::app

#include "app/commands/setting_flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/settings/setting_table.h"

namespace exposee::app {
namespace {

std::string origin_of_listen(const LoadedSettings& loaded) {
  const auto row = std::ranges::find_if(
      setting_table(), [](const Setting& setting) { return setting.name() == "server.listen"; });
  const auto& origin = loaded.origins[static_cast<std::size_t>(row - setting_table().begin())];
  return origin == "default" ? std::string{} : origin;
}

bool said(const cli::Arguments& arguments, std::string_view name) {
  return arguments.knows(name) && arguments.has(name);
}

}  // namespace

cli::Option config_option() {
  return {.name = "--config",
          .letter = 'c',
          .value = "FILE",
          .help = "Settings file (else EXPOSEE_CONFIG, else ./exposee.toml if there)"};
}

cli::Option listen_option() {
  return {.name = "--listen",
          .letter = 'l',
          .value = "ADDRESS:PORT",
          .help = "Listen here; may be given several times; port 0 takes a free one",
          .repeated = true};
}

cli::Option data_option() {
  return {.name = "--data", .letter = 'd', .value = "DIR", .help = "Directory of the data"};
}

SettingsSources sources_of(const cli::Arguments& arguments, const cli::World& world) {
  SettingsSources sources{arguments.value("--config"), world.environment, {}};
  if (said(arguments, "--listen")) {
    sources.flags.push_back(
        {"--listen", "server.listen", fmt::format("{}", fmt::join(arguments.values("--listen"), ","))});
  }
  if (said(arguments, "--data"))
    sources.flags.push_back({"--data", "storage.path", arguments.text("--data")});
  return sources;
}

std::optional<LoadedSettings> load_or_complain(const cli::Arguments& arguments, cli::World& world) {
  auto loaded = load_settings(sources_of(arguments, world));
  if (loaded) return std::move(*loaded);
  for (const std::string& fault : loaded.error()) cli::usage_error(fault, world);
  return std::nullopt;
}

std::expected<cli::ServerAddress, cli::Faults> configured_server(const cli::Arguments& arguments,
                                                                 const cli::World& world) {
  const auto loaded = load_settings(sources_of(arguments, world));
  if (!loaded) return std::unexpected(loaded.error());
  const net::ListenAddress& address = loaded->settings.server.listen.front();
  if (address.port == 0)
    return std::unexpected(cli::Faults{"The settings leave the port to the system; use --url."});
  return cli::ServerAddress{local_url(address), origin_of_listen(*loaded)};
}

}  // namespace exposee::app

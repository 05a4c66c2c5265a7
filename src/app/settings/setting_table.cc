#include "app/settings/setting_table.h"

#include "app/settings/setting_codec.h"

namespace exposee::app {
namespace {

template <class Section, class T>
Setting row(std::string section, std::string key, Section Settings::* part, T Section::* member,
            Codec<T> codec, std::string help) {
  Setting setting{std::move(section), std::move(key), std::move(help), codec.kind, codec.allowed};
  setting.assign = [part, member, read = codec.read](
                       Settings& settings, const RawValue& raw) -> std::expected<void, std::string> {
    Reading<T> value = read(raw);
    if (!value) return std::unexpected(value.error());
    settings.*part.*member = std::move(*value);
    return {};
  };
  setting.show = [part, member, show = codec.show](const Settings& settings) {
    return show(settings.*part.*member);
  };
  return setting;
}

void add_server(SettingTable& table) {
  using S = ServerSettings;
  const auto at = &Settings::server;
  table.push_back(row("server", "listen", at, &S::listen, listen_addresses(),
                      "Where to listen: one address with a port, or a list of them."));
  table.push_back(row("server", "public_url", at, &S::public_url, optional_base_url(),
                      "The URL under which others reach this server."));
  table.push_back(row("server", "allowed_hosts", at, &S::allowed_hosts, own_host_patterns(),
                      "More host names under which this server may be called."));
  table.push_back(row("server", "max_connections", at, &S::max_connections, number_32(1, 1'000'000),
                      "How many client connections may be open."));
  table.push_back(row("server", "max_connections_per_peer", at, &S::max_connections_per_peer,
                      number_32(1, 1'000'000), "How many of them one client address may have."));
  table.push_back(row("server", "trusted_proxies", at, &S::trusted_proxies, networks(),
                      "Networks of proxies, behind which many clients have one address."));
  table.push_back(row("server", "head_timeout_ms", at, &S::head_timeout, span_of_ms(100, 120'000),
                      "How long a client may take to send the head of a request."));
  table.push_back(row("server", "idle_timeout_ms", at, &S::idle_timeout, span_of_ms(100, 3'600'000),
                      "How long a kept-alive connection may be silent between requests."));
  table.push_back(row("server", "drain_timeout_ms", at, &S::drain_timeout, span_of_ms(100, 600'000),
                      "How long calls and attempts under way may take to finish after SIGTERM."));
}

void add_delivery(SettingTable& table) {
  using S = DeliverySettings;
  const auto at = &Settings::delivery;
  table.push_back(row("delivery", "timeout_ms", at, &S::timeout, span_of_ms(1'000, 30'000),
                      "How long one attempt may take, from its start to the end of the response."));
  table.push_back(row("delivery", "connect_timeout_ms", at, &S::connect_timeout, span_of_ms(100, 30'000),
                      "How much of that may pass until the receiver is connected."));
  table.push_back(row("delivery", "schedule", at, &S::schedule, schedule_of_durations(),
                      "How long to wait before the second attempt, the third, and so on."));
  table.push_back(row("delivery", "max_in_flight_per_endpoint", at, &S::max_in_flight_per_endpoint,
                      number_32(1, 65'536), "How many attempts at one endpoint may be concurrent."));
  table.push_back(row("delivery", "max_in_flight", at, &S::max_in_flight, number_32(1, 1'000'000),
                      "How many attempts may be under way in all."));
  table.push_back(row("delivery", "max_connections", at, &S::max_connections, number_32(1, 1'000'000),
                      "How many connections to receivers may be open, idle ones included."));
  table.push_back(row("delivery", "max_pending", at, &S::max_pending, number_32(1, kMaxPending),
                      "How many deliveries may wait for one endpoint."));
}

void add_security(SettingTable& table) {
  using S = SecuritySettings;
  const auto at = &Settings::security;
  table.push_back(row("security", "allow_private", at, &S::allow_private, automatic_or_yes_or_no(),
                      "Whether deliveries may go to loopback and private networks."));
  table.push_back(row("security", "allow_networks", at, &S::allow_networks, networks(),
                      "Networks that deliveries may go to although they are private."));
  table.push_back(row("security", "allow_hosts", at, &S::allow_hosts, host_patterns(),
                      "Host names that deliveries may go to although they are private."));
  table.push_back(
      row("security", "https_only", at, &S::https_only, yes_or_no(), "Whether receivers must be https."));
  table.push_back(row("security", "verify_tls", at, &S::verify_tls, yes_or_no(),
                      "Whether the certificates of https receivers are verified."));
  table.push_back(row("security", "extra_ca_file", at, &S::extra_ca_file, optional_path_text(),
                      "A PEM file of certificate authorities to trust beside the system's."));
}

constexpr std::uint64_t kMostFreeDisk = std::uint64_t{1} << 50;  // a PiB

void add_cors_log_retention_limits(SettingTable& table) {
  table.push_back(row("cors", "allow_origins", &Settings::cors, &CorsSettings::allow_origins, origins(),
                      "Which origins may make the contract's calls from a browser."));
  table.push_back(row("log", "level", &Settings::log, &LogSettings::level, log_level(),
                      "The least serious level that is written."));
  table.push_back(row("log", "format", &Settings::log, &LogSettings::format, log_format(),
                      "How lines are written: text for people, json for machines."));
  table.push_back(row("retention", "events", &Settings::retention, &RetentionSettings::events,
                      duration(std::chrono::seconds(1)),
                      "How long events are kept that owe nothing any more, with their attempts."));
  table.push_back(row("limits", "max_event_bytes", &Settings::limits, &LimitSettings::max_event_bytes,
                      number_32(1'024, 16'777'216),
                      "The largest body of a request that publishes an event."));
  table.push_back(row("limits", "max_body_bytes", &Settings::limits, &LimitSettings::max_body_bytes,
                      number_32(1'024, 16'777'216), "The largest body of every other request."));
  table.push_back(row("limits", "min_free_disk", &Settings::limits, &LimitSettings::min_free_disk,
                      automatic_or_number(kMostFreeDisk),
                      "How many bytes of the disk stay free before new events are refused with 507."));
  table.push_back(row("limits", "max_pending_deliveries", &Settings::limits,
                      &LimitSettings::max_pending_deliveries, number_64(1'000, 1'000'000'000),
                      "Has no effect any more; delivery.max_pending is what bounds a backlog."));
}

SettingTable made_table() {
  SettingTable table;
  add_server(table);
  table.push_back(row("storage", "path", &Settings::storage, &StorageSettings::path, path_text(),
                      "The directory of the data; it is created when it is not there."));
  table.push_back(row("storage", "durable", &Settings::storage, &StorageSettings::durable, yes_or_no(),
                      "Whether an acknowledgement waits until the disk has the data."));
  add_delivery(table);
  add_security(table);
  add_cors_log_retention_limits(table);
  return table;
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::string Setting::variable() const {
  std::string result = "EXPOSEE_" + section + "_" + key;
  for (char& c : result) c = upper(c);
  return result;
}

const SettingTable& setting_table() {
  static const SettingTable table = made_table();
  return table;
}

}  // namespace exposee::app

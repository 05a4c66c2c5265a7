// Everything an operator can choose, as typed values with their defaults. What a room takes has its default
// in the options of that room, and is only named here. config/exposee.default.toml is the manual;
// app/settings/setting_table.h gives every member its name, range and text; app/settings/settings_load.h
// fills them. A value made once at the start; any thread may read it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "api/options.h"
#include "core/address/address.h"
#include "core/address/exposure.h"
#include "core/registry.h"
#include "core/retry_schedule.h"
#include "engine/settings.h"
#include "net/client/sender.h"
#include "net/server/listen_address.h"
#include "net/server/server.h"

namespace exposee::app {

using std::chrono::milliseconds;

constexpr std::uint16_t kDefaultPort = 8000;

// "http://127.0.0.1:8000": how to call a listener from this machine, also when it is 0.0.0.0 or ::.
std::string local_url(const net::ListenAddress& address);

struct ServerSettings {
  std::vector<net::ListenAddress> listen{{"127.0.0.1", kDefaultPort}};
  std::string public_url;  // may have a path; without a slash at the end; empty: made from `listen`
  std::vector<std::string> allowed_hosts;  // lower-case names, "*.suffix", or "*"
  std::uint32_t max_connections = net::ServerOptions{}.max_connections;
  std::uint32_t max_connections_per_peer = net::ServerOptions{}.max_connections_per_peer;
  milliseconds head_timeout = net::ServerOptions{}.head_timeout;  // for a whole request head
  std::vector<Network> trusted_proxies;  // many clients come from each of these addresses
  milliseconds idle_timeout =
      net::ServerOptions{}.idle_timeout;  // of a kept-alive connection between requests
  milliseconds drain_timeout{35'000};  // from the first SIGTERM to the end; more than any attempt lasts (D7)
  bool operator==(const ServerSettings&) const = default;
};

struct StorageSettings {
  std::string path = "./exposee-data";
  bool durable = true;  // false: nothing is fsynced; for measuring what fsync costs
  bool operator==(const StorageSettings&) const = default;
};

struct DeliverySettings {
  milliseconds timeout =
      engine::EngineSettings{}.attempt_timeout;  // of a whole attempt (D7), of endpoints that set none
  milliseconds connect_timeout =
      net::SenderOptions{}.connect_timeout;           // name, connection and TLS handshake together
  RetrySchedule schedule = default_retry_schedule();  // D6, of endpoints that set none
  std::uint32_t max_in_flight_per_endpoint = engine::EngineSettings{}.max_in_flight_per_endpoint;
  std::uint32_t max_in_flight = engine::EngineSettings{}.max_in_flight;
  std::uint32_t max_connections =
      net::SenderOptions{}.max_connections;  // to receivers, those kept alive included
  std::uint32_t max_pending =
      engine::EngineSettings{}.max_pending;  // deliveries that wait for an endpoint that sets none
  bool operator==(const DeliverySettings&) const = default;
};

struct SecuritySettings {
  AllowPrivate allow_private = AllowPrivate::automatic;
  std::vector<Network> allow_networks;
  std::vector<std::string> allow_hosts;  // lower-case names, or "*.suffix"
  bool https_only = false;
  bool verify_tls = true;
  std::string extra_ca_file;  // PEM; empty: none
  bool operator==(const SecuritySettings& other) const;
};

struct CorsSettings {
  std::vector<std::string> allow_origins{"*"};  // "*", or origins such as "https://shop.example"
  bool operator==(const CorsSettings&) const = default;
};

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };
enum class LogFormat : std::uint8_t { automatic, text, json };

struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;  // text on a terminal, JSON lines otherwise
  bool operator==(const LogSettings&) const = default;
};

struct RetentionSettings {
  // Of events that owe nothing any more.
  milliseconds events = std::chrono::duration_cast<milliseconds>(engine::EngineSettings{}.retention);
  bool operator==(const RetentionSettings&) const = default;
};

struct LimitSettings {
  std::uint32_t max_event_bytes = api::ApiOptions{}.max_event_body_bytes;  // body of a request that publishes
  std::uint32_t max_body_bytes = api::ApiOptions{}.max_body_bytes;         // body of every other request
  std::uint64_t max_pending_deliveries = 10'000'000;  // had an effect once: now delivery.max_pending
  // Bytes that stay free on the disk of the data; none: 256 MiB, or a hundredth of the disk if that is less.
  std::optional<std::uint64_t> min_free_disk;
  bool operator==(const LimitSettings&) const = default;
};

struct Settings {
  ServerSettings server;
  StorageSettings storage;
  DeliverySettings delivery;
  SecuritySettings security;
  CorsSettings cors;
  LogSettings log;
  RetentionSettings retention;
  LimitSettings limits;
  bool operator==(const Settings&) const = default;

  // The one place where it is decided who may reach this server.
  Exposure exposure() const;
  AddressPolicy address_policy() const;
};

}  // namespace exposee::app

#include "app/run/start_warnings.h"

#include <algorithm>
#include <string_view>

namespace exposee::app {

namespace {

// Empty: only this machine reaches the server.
std::string_view warning_of(const Exposure& exposure) {
  if (exposure.beyond_loopback) {
    return "This server is reachable beyond loopback and has no authentication: anyone who can reach it can "
           "register URLs and read events. Restrict access to a trusted network, or put an authenticating "
           "proxy "
           "in front.";
  }
  if (exposure.public_url) {
    return "Others reach this server at its public URL (server.public_url), and it has no authentication: "
           "anyone the proxy in front lets in can register URLs and read events. Let the proxy check "
           "callers.";
  }
  if (exposure.more_hosts) {
    return "Others reach this server under the names of server.allowed_hosts, and it has no authentication: "
           "anyone who gets there can register URLs and read events. Let a proxy in front check callers.";
  }
  return {};
}

}  // namespace

std::vector<std::string> start_warnings(const Settings& settings) {
  std::vector<std::string> warnings;
  if (!settings.security.verify_tls) {
    warnings.emplace_back(
        "CERTIFICATES ARE NOT VERIFIED (security.verify_tls = false): anyone on the way to a receiver can "
        "read and forge deliveries.");
  }
  if (!settings.storage.durable) {
    warnings.emplace_back(
        "NOTHING IS FSYNCED (storage.durable = false): what was acknowledged is lost when the machine "
        "stops.");
  }
  if (settings.limits.max_pending_deliveries != LimitSettings{}.max_pending_deliveries) {
    warnings.emplace_back(
        "limits.max_pending_deliveries has no effect any more: what one endpoint is owed delays no other, "
        "and delivery.max_pending bounds it. Remove it from the settings.");
  }
  const Exposure exposure = settings.exposure();
  if (const auto warning = warning_of(exposure); !warning.empty()) warnings.emplace_back(warning);
  if (std::ranges::find(settings.server.allowed_hosts, "*") != settings.server.allowed_hosts.end()) {
    warnings.emplace_back(
        "ANY HOST NAME IS TAKEN FOR THIS SERVER'S (server.allowed_hosts = [\"*\"]): a web page that is "
        "opened "
        "on this network can have its own name lead here (DNS rebinding), and then make every call.");
  }
  if (exposure.to_others() && settings.address_policy().allow_private) {
    warnings.emplace_back(
        "PRIVATE RECEIVERS ARE OPEN (security.allow_private = true): anyone who can reach this server can "
        "make it "
        "call addresses of its own machine and network.");
  }
  return warnings;
}

}  // namespace exposee::app

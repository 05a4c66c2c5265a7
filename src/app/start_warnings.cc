#include "app/start_warnings.h"

namespace exposee::app {

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
  if (!settings.listens_on_loopback_only()) {
    warnings.emplace_back(
        "This server listens on other addresses than loopback and asks nobody for a token: whoever can reach "
        "it may register URLs and read what is sent. Let only a trusted network, or a proxy that checks "
        "callers, reach it.");
  }
  return warnings;
}

}  // namespace exposee::app

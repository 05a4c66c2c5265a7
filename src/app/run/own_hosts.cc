#include "app/run/own_hosts.h"

#include <unistd.h>

#include <array>

namespace exposee::app {
namespace {

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

std::string machine_name() {
  std::array<char, 256> name{};  // POSIX: 255 at most, and no end within what is cut off
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::vector<std::string> own_hosts(const Settings& settings, const OwnListeners& own,
                                   const std::string& machine) {
  std::vector<std::string> hosts{"localhost", "127.0.0.1", "[::1]"};
  for (const auto& address : settings.server.listen) hosts.push_back(bracketed(address.host));
  for (const auto& address : own.of_machine) hosts.push_back(bracketed(address.text()));
  if (!machine.empty()) hosts.push_back(machine);
  if (!own.public_host.empty()) hosts.push_back(bracketed(own.public_host));
  return hosts;
}

}  // namespace exposee::app

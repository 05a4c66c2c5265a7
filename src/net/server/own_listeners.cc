#include "net/server/own_listeners.h"

#include <ifaddrs.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>

#include "net/loop/socket.h"

namespace exposee::net {
namespace {

// Nothing when the system does not say: then the check at connecting stands alone.
std::vector<IpAddress> addresses_of_machine() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(all, ::freeifaddrs);
  std::vector<IpAddress> addresses;
  for (const auto* entry = all; entry; entry = entry->ifa_next) {
    const int family = entry->ifa_addr ? entry->ifa_addr->sa_family : AF_UNSPEC;
    if (family != AF_INET && family != AF_INET6) continue;
    SocketAddress address;
    std::memcpy(address.get(), entry->ifa_addr,
                family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    addresses.push_back(address.ip());
  }
  return addresses;
}

}  // namespace

OwnListeners own_listeners(const std::vector<ListenAddress>& bound) {
  OwnListeners own{.of_machine = addresses_of_machine()};
  for (const auto& listener : bound) {
    if (const auto address = IpAddress::parse(listener.host)) own.places.push_back({*address, listener.port});
  }
  return own;
}

}  // namespace exposee::net

#include "app/settings/settings.h"

#include <algorithm>

namespace exposee::app {
namespace {

bool same_network(const Network& a, const Network& b) {
  return a.base == b.base && a.prefix_bits == b.prefix_bits;
}

}  // namespace

std::string local_url(const net::ListenAddress& address) {
  net::ListenAddress callable = address;
  if (address.host == "0.0.0.0") callable.host = "127.0.0.1";
  if (address.host == "::") callable.host = "::1";
  return "http://" + callable.text();
}

bool SecuritySettings::operator==(const SecuritySettings& other) const {
  return allow_private == other.allow_private &&
         std::ranges::equal(allow_networks, other.allow_networks, same_network) && allow_hosts == other.allow_hosts && https_only == other.https_only &&
         verify_tls == other.verify_tls && extra_ca_file == other.extra_ca_file;
}

Exposure Settings::exposure() const {
  return {.beyond_loopback = !std::ranges::all_of(server.listen, &net::ListenAddress::is_loopback),
          .public_url = !server.public_url.empty(),
          .more_hosts = !server.allowed_hosts.empty()};
}

AddressPolicy Settings::address_policy() const {
  AddressPolicy policy{.https_only = security.https_only,
                       .allow_networks = security.allow_networks,
                       .allow_hosts = security.allow_hosts};
  policy.set_private(security.allow_private, exposure());
  return policy;
}

}  // namespace exposee::app

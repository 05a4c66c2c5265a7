#include "app/settings.h"

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
  return std::ranges::equal(allow_networks, other.allow_networks, same_network) &&
         allow_hosts == other.allow_hosts && https_only == other.https_only &&
         verify_tls == other.verify_tls && extra_ca_file == other.extra_ca_file;
}

bool Settings::listens_on_loopback_only() const {
  return std::ranges::all_of(server.listen, &net::ListenAddress::is_loopback);
}

AddressPolicy Settings::address_policy() const {
  return {listens_on_loopback_only(), security.https_only, security.allow_networks, security.allow_hosts};
}

}  // namespace exposee::app

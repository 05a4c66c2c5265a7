#include "net/address_gate.h"

#include <algorithm>

namespace exposee::net {
namespace {

// Addresses that mean "this machine" to whoever connects to them.
bool means_this_machine(const IpAddress& address) {
  const auto inner = address.v6 ? embedded_ipv4(address) : std::nullopt;
  const IpAddress& judged = inner ? *inner : address;
  if (!judged.v6) return judged.bytes[0] == 127 || judged.bytes[0] == 0;
  return judged == IpAddress::parse("::1") || judged == IpAddress::parse("::");
}

}  // namespace

std::string own_listener_words(const IpAddress& address, std::uint16_t port) {
  return ListenAddress{address.text(), port}.text() + " is Exposee's own address; it never sends to itself";
}

std::optional<std::string> AddressGate::refuse(const std::vector<IpAddress>& addresses, std::uint16_t port,
                                               std::string_view host) const {
  for (const auto& address : addresses) {
    if (is_own(address, port)) return own_listener_words(address, port);
    if (auto why = refuse_address(policy_, address, host)) return why;
  }
  return std::nullopt;
}

bool AddressGate::is_own(const IpAddress& address, std::uint16_t port) const {
  if (!is_own_port(port)) return false;
  const std::string text = address.text();
  return means_this_machine(address) || std::any_of(own_.begin(), own_.end(), [&](const auto& own) {
           return own.port == port && own.host == text;
         });
}

bool AddressGate::is_own_port(std::uint16_t port) const {
  return std::any_of(own_.begin(), own_.end(), [&](const auto& own) { return own.port == port; });
}

bool AddressGate::reached_ourselves(const IpAddress& local, const IpAddress& remote,
                                    std::uint16_t port) const {
  return local == remote && is_own_port(port);
}

}  // namespace exposee::net

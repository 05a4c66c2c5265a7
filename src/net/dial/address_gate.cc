#include "net/dial/address_gate.h"

#include <fmt/format.h>

#include "core/failure_words.h"
#include "net/server/own_listeners.h"

namespace exposee::net {

std::string own_listener_words(const IpAddress& address, std::uint16_t port) {
  return fmt::format("{} {}", ListenAddress{address.text(), port}.text(), kOwnAddress);
}

void AddressGate::set_policy(AddressPolicy policy) {
  policy_ = std::move(policy);
  public_policy_ = policy_.public_only(PrivateRule::endpoint);
}

std::optional<std::string> AddressGate::refuse(const Url& url, bool public_only) const {
  if (auto why = refuse_url(policy_, url)) return why;
  return public_only ? refuse_url(public_policy_, url) : std::nullopt;
}

std::optional<std::string> AddressGate::refuse(const std::vector<IpAddress>& addresses, std::uint16_t port,
                                               std::string_view host, bool public_only) const {
  for (const auto& address : addresses) {
    if (own_.has(address, port)) return own_listener_words(address, port);
    if (auto why = refuse_address(policy_, address, host)) return why;
    if (!public_only) continue;
    if (auto why = refuse_address(public_policy_, address, host)) return why;
  }
  return std::nullopt;
}

void AddressGate::refuse_own(const std::vector<ListenAddress>& listeners) {
  own_ = own_listeners(listeners);
}

bool AddressGate::reached_ourselves(const IpAddress& local, const IpAddress& remote,
                                    std::uint16_t port) const {
  return local == remote && own_.has_port(port);
}

}  // namespace exposee::net

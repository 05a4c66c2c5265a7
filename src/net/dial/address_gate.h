// The last word on where a delivery may go: core's address rules on every address a name has, and never our
// own listeners. Asked right before each connect. Used by the sender, on its thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/address.h"
#include "core/address/own_listener.h"
#include "net/server/listen_address.h"

namespace exposee::net {

class AddressGate {
 public:
  explicit AddressGate(AddressPolicy policy) { set_policy(std::move(policy)); }

  void set_policy(AddressPolicy policy);
  // Bound addresses with their real ports.
  void refuse_own(const std::vector<ListenAddress>& listeners);

  // Why a URL must not be used, as far as it says by itself. `public_only`: Target::public_only.
  std::optional<std::string> refuse(const Url& url, bool public_only) const;
  // Why the host must not be connected to: one denied address refuses it whole, since which one is used would
  // otherwise be the choice of the name's server. Nothing: all of them are allowed.
  std::optional<std::string> refuse(const std::vector<IpAddress>& addresses, std::uint16_t port,
                                    std::string_view host, bool public_only) const;

  // Whether a connection made to `remote` from `local` has come out at ourselves. Seen by both ends having
  // one address: so it is found out also for the public addresses behind a listener on 0.0.0.0 or ::.
  bool reached_ourselves(const IpAddress& local, const IpAddress& remote, std::uint16_t port) const;

 private:
  AddressPolicy policy_;
  AddressPolicy public_policy_;  // asked besides, of what goes to public addresses only
  OwnListeners own_;
};

// The sentence for a delivery that leads to our own listener.
std::string own_listener_words(const IpAddress& address, std::uint16_t port);

}  // namespace exposee::net

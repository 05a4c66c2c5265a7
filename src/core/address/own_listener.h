// Where this server listens itself: the one kind of address that is never delivered to, whatever the operator
// opened (promises section 3.5). Asked at registration and again before each connect. Values only; any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/address/ip_address.h"
#include "core/url/url.h"

namespace exposee {

// The addresses and ports that lead to this server.
struct OwnListeners {
  struct Place {
    IpAddress address;  // as bound
    std::uint16_t port = 0;
  };
  std::vector<Place> places;          // with their real ports
  std::vector<IpAddress> of_machine;  // what a listener on all addresses stands for
  std::string public_host;            // of server.public_url, as Url::host; empty: none
  std::uint16_t public_port = 0;
  std::string public_path;  // "/hooks": what else is on that host is not ours; empty: all of it is

  // Loopback in any form and the unspecified address mean the connecting machine.
  bool has(const IpAddress& address, std::uint16_t port) const;
  bool has_port(std::uint16_t port) const;
};

// At registration: nothing, or one sentence saying that the URL leads to this server. Names other than
// localhost and the public one are not looked up; they are found out when connecting.
std::optional<std::string> refuse_own(const OwnListeners& own, const Url& url);

}  // namespace exposee

// Who may reach this server: this machine only, or others. Decided once at the start (promises section 3.7); it
// decides which receivers are open (core/address/address.h), which Host headers are ours (api/access/access.h), and what the
// start says (app/run/banner.h, app/run/start_warnings.h). A value; any thread.
#pragma once

#include <cstdint>

namespace exposee {

struct Exposure {
  bool beyond_loopback = false;  // one of the listeners is reachable from other machines
  bool public_url = false;       // server.public_url is set: a proxy in front passes the calls of others on
  bool more_hosts = false;       // server.allowed_hosts is set: calls come under names that others gave us

  // An unknown proxy cannot be detected: its calls come from this machine.
  bool to_others() const { return beyond_loopback || public_url || more_hosts; }
  bool operator==(const Exposure&) const = default;
};

// security.allow_private: whether deliveries may go to loopback and private networks. `automatic`: while only
// this machine can reach the server.
enum class AllowPrivate : std::uint8_t { automatic, yes, no };

}  // namespace exposee

// An origin is what connections are shared by: owner, scheme, host, port, and whether it must be a public one.
// Origins keeps them, and the connections that rest between two requests: per origin the one used last is taken
// first, so that the others may age and end. Owned by SenderCore, on its thread.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/address/address.h"
#include "core/url/url.h"
#include "net/client/client_connection.h"
#include "net/dial/tls.h"

namespace exposee::net {

using OriginIdle =
    boost::intrusive::list<ClientConnection, boost::intrusive::member_hook<ClientConnection, ConnectionHook,
                                                                           &ClientConnection::in_origin_idle>>;
using AllIdle =
    boost::intrusive::list<ClientConnection, boost::intrusive::member_hook<ClientConnection, ConnectionHook,
                                                                           &ClientConnection::in_all_idle>>;

struct Origin {
  std::string owner;  // whose endpoints share it
  bool public_only = false;  // Target::public_only
  bool https = false;
  HostKind host_kind = HostKind::name;
  std::string host;
  std::uint16_t port = 80;
  TlsSession tls_session;                 // to resume from
  std::optional<IpAddress> good_address;  // was connected to last
  MonoTime good_until;                    // tried first until then
  OriginIdle idle;                          // most recently used first
  std::size_t users = 0;                  // targets and connections that point here

  bool host_is_address() const { return host_kind != HostKind::name; }
};

class Origins {
 public:
  // The origin of a target; counted as used until leave().
  Origin& enter(const Target& target);
  void enter(Origin& origin) { ++origin.users; }
  void leave(Origin& origin);  // forgets it when it was the last

  // The idle connection of the origin used last, taken out; null: none.
  ClientConnection* take_idle(Origin& origin);
  void put_idle(ClientConnection& connection);
  void remove_idle(ClientConnection& connection);  // if it is idle
  ClientConnection* oldest_idle();
  void forget_sessions();  // of TLS: the next handshake of each origin is a full one
  AllIdle& all_idle() { return all_idle_; }  // longest idle first

 private:
  std::unordered_map<std::string, std::unique_ptr<Origin>> origins_;  // by key_of()
  AllIdle all_idle_;
};

}  // namespace exposee::net

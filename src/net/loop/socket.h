// The few system calls on sockets that both server and sender need, and addresses as the kernel has them.
// Errors are errno values, put into words by system_words(). Any thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "core/address/address.h"
#include "core/result.h"
#include "net/loop/fd.h"
#include "net/server/listen_address.h"

namespace exposee::net {

// An address and a port, as bind(), connect() and accept() take them.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  static SocketAddress make(const IpAddress& address, std::uint16_t port);
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  IpAddress ip() const;
  std::uint16_t port() const;
  std::string text() const;  // "127.0.0.1:9000", "[::1]:9000"
};

// Of a bound or connected socket.
SocketAddress local_address(int fd);
SocketAddress remote_address(int fd);

// The addresses of this machine that `host` names; blocks (only used at start). Error: invalid.
Result<std::vector<IpAddress>> resolve_listen_host(const std::string& host);

// Bound and listening, non-blocking, with TCP_NODELAY for what it accepts. IPv6 sockets take IPv6 alone, so
// that "0.0.0.0" and "::" can be listened on side by side. Error: errno.
std::expected<Fd, int> open_listener(const SocketAddress& address);

// A non-blocking socket whose connect is under way (or done). Error: errno.
std::expected<Fd, int> open_connecting(const SocketAddress& address);

int pending_error(int fd);  // SO_ERROR: 0 when the connect worked

// "Connection refused"; never empty.
std::string system_words(int error);

}  // namespace exposee::net

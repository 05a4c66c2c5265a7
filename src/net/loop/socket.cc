#include "net/loop/socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <string.h>

#include <algorithm>

namespace exposee::net {
namespace {

// Of a reply, the bytes that the kernel holds beyond those that are on their way. More would only cost its
// memory, up to 4 MiB for each client that does not read.
constexpr int kMaxUnsentBytes = 128 * 1024;

void set_option(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);  // what cannot be set is only slower
}
void switch_on(int fd, int level, int option) {
  set_option(fd, level, option, 1);
}

}  // namespace

SocketAddress SocketAddress::make(const IpAddress& address, std::uint16_t port) {
  SocketAddress result;
  if (address.v6) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    ::memcpy(&v6->sin6_addr, address.bytes.data(), 16);
    result.size = sizeof(sockaddr_in6);
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    ::memcpy(&v4->sin_addr, address.bytes.data(), 4);
    result.size = sizeof(sockaddr_in);
  }
  return result;
}

IpAddress SocketAddress::ip() const {
  IpAddress address;
  if (storage.ss_family == AF_INET6) {
    address.v6 = true;
    ::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr, 16);
  } else {
    ::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr, 4);
  }
  return address;
}

std::uint16_t SocketAddress::port() const {
  if (storage.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&storage)->sin_port);
}

std::string SocketAddress::text() const {
  return ListenAddress{ip().text(), port()}.text();
}

SocketAddress local_address(int fd) {
  SocketAddress address;
  ::getsockname(fd, address.get(), &address.size);
  return address;
}

SocketAddress remote_address(int fd) {
  SocketAddress address;
  ::getpeername(fd, address.get(), &address.size);
  return address;
}

Result<std::vector<IpAddress>> resolve_listen_host(const std::string& host) {
  if (auto literal = IpAddress::parse(host)) return std::vector{*literal};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (int fault = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); fault != 0) {
    if (host == "localhost")
      return std::vector{*IpAddress::parse("127.0.0.1")};  // a machine without /etc/hosts
    return Error{ErrorCode::invalid,
                 "The host '" + host + "' to listen on does not resolve: " + ::gai_strerror(fault) + ".",
                 "Use an address of this machine, for example 127.0.0.1."};
  }
  std::vector<IpAddress> addresses;
  for (auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    ::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    const IpAddress ip = address.ip();
    if (std::find(addresses.begin(), addresses.end(), ip) == addresses.end()) addresses.push_back(ip);
  }
  ::freeaddrinfo(found);
  return addresses;
}

std::expected<Fd, int> open_listener(const SocketAddress& address) {
  Fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(errno);
  switch_on(fd.get(), SOL_SOCKET, SO_REUSEADDR);
  switch_on(fd.get(), IPPROTO_TCP, TCP_NODELAY);  // accepted sockets inherit all of these
  set_option(fd.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kMaxUnsentBytes);
  if (address.storage.ss_family == AF_INET6) switch_on(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  if (::bind(fd.get(), address.get(), address.size) != 0) return std::unexpected(errno);
  if (::listen(fd.get(), SOMAXCONN) != 0) return std::unexpected(errno);
  return fd;
}

std::expected<Fd, int> open_connecting(const SocketAddress& address) {
  Fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(errno);
  switch_on(fd.get(), IPPROTO_TCP, TCP_NODELAY);
  if (::connect(fd.get(), address.get(), address.size) != 0 && errno != EINPROGRESS)
    return std::unexpected(errno);
  return fd;
}

int pending_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

std::string system_words(int error) {
  char buffer[128];
  return ::strerror_r(error, buffer, sizeof buffer);  // the GNU form: gives the text back
}

}  // namespace exposee::net

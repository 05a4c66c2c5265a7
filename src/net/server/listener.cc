#include "net/server/listener.h"

#include <errno.h>

#include "net/loop/socket.h"

namespace exposee::net {
namespace {

Error listen_error(int error, const ListenAddress& address) {
  const std::string where = "Cannot listen on " + address.text() + ": ";
  if (error == EADDRINUSE) {
    return {ErrorCode::conflict, where + "another program listens there.",
            "Choose another port, or 0 for any free one."};
  }
  if (error == EADDRNOTAVAIL) {
    return {ErrorCode::invalid, where + "this machine has no such address.",
            "Use 127.0.0.1, or 0.0.0.0 for all."};
  }
  if (error == EAFNOSUPPORT) {
    return {ErrorCode::invalid, where + "this machine does not speak that kind of address.",
            "Use 127.0.0.1, or 0.0.0.0 for all."};
  }
  return {ErrorCode::unavailable, where + system_words(error) + ".", "Ports below 1024 need a privilege."};
}

bool is_absent(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

}  // namespace

std::expected<std::vector<Fd>, int> open_each(const std::vector<IpAddress>& hosts, std::uint16_t port,
                                              const OpenListener& open) {
  std::vector<Fd> opened;
  int absent = 0;
  for (const auto& host : hosts) {
    auto fd = open(host, port);
    if (fd) {
      if (port == 0) port = local_address(fd->get()).port();
      opened.push_back(std::move(*fd));
    } else if (is_absent(fd.error())) {
      absent = fd.error();
    } else {
      return std::unexpected(fd.error());
    }
  }
  if (opened.empty()) return std::unexpected(absent);
  return opened;
}

Result<std::vector<Fd>> open_listeners(const ListenAddress& address) {
  auto hosts = resolve_listen_host(address.host);
  if (!hosts) return std::move(hosts).error();
  auto opened = open_each(*hosts, address.port, [](const IpAddress& host, std::uint16_t port) {
    return open_listener(SocketAddress::make(host, port));
  });
  if (!opened) return listen_error(opened.error(), address);
  return std::move(*opened);
}

}  // namespace exposee::net

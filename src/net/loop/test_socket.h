// Blocking sockets on loopback for tests of net/: the test is the client of a server, or the receiver of a
// sender, on its own thread. Everything waits at most kPatience and then fails the test.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <chrono>
#include <string>
#include <string_view>

#include "net/loop/fd.h"
#include "net/loop/socket.h"

namespace exposee::net {

constexpr std::chrono::seconds kPatience{20};

class TestSocket {
 public:
  explicit TestSocket(Fd fd) : fd_(std::move(fd)) {
    const timeval limit{kPatience.count(), 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }

  int fd() const { return fd_.get(); }

  // False when the peer takes no more.
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  // Up to and including `end`; what came before the peer ended, when it never came. Later bytes are kept.
  std::string read_until(std::string_view end) {
    std::size_t at = 0;
    while ((at = received_.find(end)) == std::string::npos) {
      if (!fill()) return std::exchange(received_, {});
    }
    return take(at + end.size());
  }

  std::string read_exactly(std::size_t size) {
    while (received_.size() < size && fill()) {
    }
    return take(std::min(size, received_.size()));
  }

  // A message with Content-Length: head and body.
  std::string read_message() {
    std::string message = read_until("\r\n\r\n");
    const auto length = find_ignoring_case(message, "content-length: ");
    if (length == std::string::npos) return message;
    return message + read_exactly(std::stoul(message.substr(length + 16)));
  }

  std::string read_to_end() {
    while (fill()) {
    }
    return std::exchange(received_, {});
  }

  // Whether the peer has ended (or reset) the connection with nothing more to read.
  bool is_ended() { return read_to_end().empty() && ended_; }

  // Whether something, be it the end, can be read within `wait`.
  bool readable_within(std::chrono::milliseconds wait) {
    pollfd entry{fd_.get(), POLLIN, 0};
    return !received_.empty() || ::poll(&entry, 1, static_cast<int>(wait.count())) > 0;
  }

  void shutdown_write() { ::shutdown(fd_.get(), SHUT_WR); }
  void close() { fd_.reset(); }
  // Ends with RST instead of FIN.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_.reset();
  }

 private:
  static std::size_t find_ignoring_case(std::string text, std::string_view wanted) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text.find(wanted);
  }

  bool fill() {
    char buffer[16 * 1024];
    const ssize_t count = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (count < 0 && errno == EAGAIN) ADD_FAILURE() << "the peer neither sent nor closed in time";
    ended_ = count == 0 || (count < 0 && errno != EAGAIN);
    if (count <= 0) return false;
    received_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  std::string take(std::size_t size) {
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }

  Fd fd_;
  std::string received_;
  bool ended_ = false;
};

// Waits for connections on a port of its own.
class TestListener {
 public:
  explicit TestListener(std::string_view host = "127.0.0.1") {
    auto fd = open_listener(SocketAddress::make(*IpAddress::parse(host), 0));
    if (fd) fd_ = std::move(*fd);
    EXPECT_TRUE(fd_);
  }

  std::uint16_t port() const { return local_address(fd_.get()).port(); }
  std::string url(std::string_view path = "/hook") const {
    return "http://127.0.0.1:" + std::to_string(port()) + std::string(path);
  }

  bool pending_within(std::chrono::milliseconds wait) {
    pollfd entry{fd_.get(), POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(wait.count())) > 0;
  }

  TestSocket accept() {
    EXPECT_TRUE(pending_within(kPatience)) << "nobody connected in time";
    return TestSocket(Fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  }

  void close() { fd_.reset(); }

 private:
  Fd fd_;
};

// Whether ::1 can be listened on; kernels and containers may be without.
inline bool machine_has_ipv6() {
  return open_listener(SocketAddress::make(*IpAddress::parse("::1"), 0)).has_value();
}

inline TestSocket connect_to(std::uint16_t port, std::string_view host = "127.0.0.1") {
  const auto address = SocketAddress::make(*IpAddress::parse(host), port);
  Fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(fd.get(), address.get(), address.size), 0) << system_words(errno);
  return TestSocket(std::move(fd));
}

}  // namespace exposee::net

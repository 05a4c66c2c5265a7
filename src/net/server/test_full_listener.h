// A listener that accepts nothing: its queue of connections is full and stays so, so whatever
// connects hears nothing, as from an address whose packets vanish.
#pragma once

#include "net/loop/test_socket.h"

namespace exposee::net {

class FullListener {
 public:
  FullListener(std::string_view host, std::uint16_t port) {
    const auto address = SocketAddress::make(*IpAddress::parse(host), port);
    fd_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    EXPECT_EQ(::bind(fd_.get(), address.get(), address.size), 0) << system_words(errno);
    EXPECT_EQ(::listen(fd_.get(), 0), 0);
    // One more than the queue holds: the first one left waiting shows that it is full.
    for (int i = 0; i < kMost && !is_full(); ++i) fill(address);
    EXPECT_TRUE(is_full());
  }

 private:
  static constexpr int kMost = 16;
  static constexpr int kSettleMs = 100;  // a connect on loopback is over long before

  void fill(const SocketAddress& address) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(fd.get(), address.get(), address.size);
    pollfd entry{fd.get(), POLLOUT, 0};
    full_ = ::poll(&entry, 1, kSettleMs) == 0;
    fillers_.push_back(std::move(fd));
  }
  bool is_full() const { return full_; }

  Fd fd_;
  std::vector<Fd> fillers_;
  bool full_ = false;
};

}  // namespace exposee::net

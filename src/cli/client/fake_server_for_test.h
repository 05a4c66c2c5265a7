// A server that takes connections on a free loopback port, one after the other, reads a request's head from
// each and replies with given bytes: those in their order, the last ones again and again. Tests only; one
// thread of its own, joined at the end.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

namespace exposee::cli {

class FakeServer {
 public:
  enum class Mode {
    answering,
    listening,
    closed
  };  // listening: connected to, never answering; closed: refuses

  explicit FakeServer(std::string reply, Mode mode = Mode::answering)
      : FakeServer(std::vector<std::string>{std::move(reply)}, mode) {}
  explicit FakeServer(std::vector<std::string> replies, Mode mode = Mode::answering)
      : replies_(std::move(replies)) {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (mode != Mode::closed) ::listen(descriptor_, 1);
    if (mode == Mode::answering) thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    stop();
    ::close(descriptor_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  const std::string& request() {  // the first, after its reply was read; then no more are taken
    stop();
    return request_;
  }
  const std::string& last_request() {  // likewise
    stop();
    return last_request_;
  }

 private:
  void stop() {
    ::shutdown(descriptor_, SHUT_RDWR);  // wakes accept()
    if (thread_.joinable()) thread_.join();
  }
  void serve() {
    std::size_t at = 0;
    for (int peer = 0; (peer = ::accept(descriptor_, nullptr, nullptr)) >= 0; ::close(peer)) {
      auto head = read_head(peer);
      if (request_.empty()) request_ = head;
      last_request_ = std::move(head);
      ::send(peer, replies_[at].data(), replies_[at].size(), MSG_NOSIGNAL);
      if (at + 1 < replies_.size()) ++at;
    }
  }
  static std::string read_head(int peer) {
    std::string head;
    char buffer[1024];
    while (head.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = ::recv(peer, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      head.append(buffer, static_cast<std::size_t>(got));
    }
    return head;
  }

  const std::vector<std::string> replies_;
  std::string request_, last_request_;
  int descriptor_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace exposee::cli

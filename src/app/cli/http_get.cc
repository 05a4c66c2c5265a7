#include "app/cli/http_get.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "core/assert.h"
#include "http/response_parser.h"
#include "http/write.h"

namespace exposee::app {
namespace {

template <class T>
using Step = std::expected<T, HttpError>;

HttpError unreachable(std::string message) {
  return {HttpFailure::unreachable, std::move(message)};
}
HttpError by_errno(int fault) {
  return unreachable(std::strerror(fault));
}

class Socket {
 public:
  explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

struct Deadline {
  const Clock& clock;
  Duration at;  // on the monotonic clock

  // Waits until the socket can be read (POLLIN) or written (POLLOUT).
  Step<void> wait(const Socket& socket, short what) const {
    pollfd entry{socket.get(), what, 0};
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(at - clock.monotonic());
      const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
      if (ready > 0) return {};
      if (ready == 0) return std::unexpected(HttpError{HttpFailure::timed_out, "No answer in time"});
      if (errno != EINTR) return std::unexpected(by_errno(errno));
    }
  }
};

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Step<Addresses> resolve(const Url& url) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int fault = ::getaddrinfo(url.host.c_str(), std::to_string(url.port).c_str(), &hints, &list);
  if (fault != 0) return std::unexpected(unreachable(::gai_strerror(fault)));
  return Addresses(list);
}

Step<Socket> connect_one(const addrinfo& address, const Deadline& deadline) {
  Socket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return std::unexpected(by_errno(errno));
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return std::unexpected(by_errno(errno));
  if (auto waited = deadline.wait(socket, POLLOUT); !waited)
    return std::unexpected(unreachable("Connect timed out"));
  int fault = 0;
  socklen_t size = sizeof fault;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &fault, &size);
  if (fault != 0) return std::unexpected(by_errno(fault));
  return socket;
}

// The first address that takes the connection; else what the last one said.
Step<Socket> connect_any(const Url& url, const Deadline& deadline) {
  auto addresses = resolve(url);
  if (!addresses) return std::unexpected(addresses.error());
  HttpError last = unreachable("The name has no address");
  for (const addrinfo* at = addresses->get(); at != nullptr; at = at->ai_next) {
    auto socket = connect_one(*at, deadline);
    if (socket) return socket;
    last = socket.error();
  }
  return std::unexpected(last);
}

std::string request_bytes(const Url& url) {
  std::string bytes;
  http::begin_request("GET", url.target, url.authority, bytes);
  http::append_field("User-Agent", "Exposee/" EXPOSEE_VERSION, bytes);
  http::append_field("Connection", "close", bytes);
  http::end_request_head(0, bytes);
  return bytes;
}

Step<void> send_all(const Socket& socket, std::string_view bytes, const Deadline& deadline) {
  while (!bytes.empty()) {
    if (auto waited = deadline.wait(socket, POLLOUT); !waited) return waited;
    const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR && errno != EAGAIN) return std::unexpected(by_errno(errno));
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Step<HttpAnswer> read_answer(const Socket& socket, const Deadline& deadline) {
  http::ResponseParser parser;
  std::array<char, 4096> buffer;
  http::ReadState state = http::ReadState::need_more;
  while (state == http::ReadState::need_more) {
    if (auto waited = deadline.wait(socket, POLLIN); !waited) return std::unexpected(waited.error());
    const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return std::unexpected(by_errno(errno));
    state = got == 0 ? parser.on_eof() : parser.feed({buffer.data(), static_cast<std::size_t>(got)}).state;
  }
  if (state == http::ReadState::complete) return HttpAnswer{parser.status(), std::move(parser.body())};
  if (parser.ended_early())
    return std::unexpected(unreachable("The connection ended before the answer was whole"));
  return std::unexpected(HttpError{HttpFailure::bad_answer, std::string(parser.fault())});
}

}  // namespace

std::expected<HttpAnswer, HttpError> http_get(const Url& url, std::chrono::milliseconds timeout,
                                              const Clock& clock) {
  EXPOSEE_ASSERT(!url.https, "the caller has checked the scheme");
  const Deadline deadline{clock, clock.monotonic() + timeout};
  auto socket = connect_any(url, deadline);
  if (!socket) return std::unexpected(socket.error());
  if (auto sent = send_all(*socket, request_bytes(url), deadline); !sent)
    return std::unexpected(sent.error());
  return read_answer(*socket, deadline);
}

}  // namespace exposee::app

#include "net/server.h"

#include <errno.h>

#include <condition_variable>
#include <mutex>

#include "core/assert.h"
#include "net/server_connection.h"
#include "net/socket.h"

namespace exposee::net {
namespace {

constexpr std::size_t kMaxWaiting = 256;  // connections over their peer's limit that wait for the next sweep
constexpr int kAcceptBatch =
    64;  // connections per listener and pass, so that accepting never starves the others

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
  return {ErrorCode::unavailable, where + system_words(error) + ".", "Ports below 1024 need a privilege."};
}

}  // namespace

class Server::Impl final : public LoopUser {
 public:
  Impl(const Clock& clock, ServerOptions options, ResponseSink& sink)
      : clock_(clock),
        options_(options),
        loop_("http-server", *this),
        shared_{options_, loop_, sink},
        peers_(options.max_connections_per_peer) {
    EXPOSEE_ASSERT(options.max_connections < (std::size_t{1} << kSlotBits), "slots are part of a ticket");
  }
  ~Impl() { loop_.stop(); }

  Result<void> listen(const std::vector<ListenAddress>& addresses);
  const std::vector<ListenAddress>& addresses() const { return addresses_; }
  void start(HttpService& service);
  bool drain(std::chrono::milliseconds patience);
  void stop() { loop_.stop(); }
  void respond(std::uint64_t ticket, http::Response&& response);
  std::size_t open_connections() const { return open_.load(std::memory_order_relaxed); }

  void woken() override;
  void ticked() override;
  void pass_ended() override;

 private:
  struct Listener final : Watcher {
    Listener(Impl& owner, Fd listening) : impl(owner), fd(std::move(listening)) {}
    void ready(Readiness) override { impl.accept_some(*this); }
    Impl& impl;
    Fd fd;
  };
  struct Slot {
    std::unique_ptr<ServerConnection> connection;
    PeerKey peer = 0;
    bool counted = false;  // in peers_
  };
  struct Ready {
    std::uint64_t ticket;
    http::Response response;
  };

  Result<void> bind(const ListenAddress& address);
  void accept_some(Listener& listener);
  bool accept_one(Listener& listener);
  void admit(Fd fd, const SocketAddress& peer);
  void take_in(Fd fd, const SocketAddress& peer, bool counted);
  void admit_waiting(bool last_chance);
  void set_accepting(bool accepting);
  void free_ended();
  void begin_drain();
  void renew_date();

  const Clock& clock_;
  const ServerOptions options_;
  Loop loop_;
  ServerShared shared_;
  PeerLimit peers_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<ListenAddress> addresses_;
  bool accepting_ = false;
  std::vector<std::pair<Fd, SocketAddress>> waiting_;  // over their peer's limit: see admit()
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::int64_t date_second_ = 0;
  std::vector<Ready> answering_;  // swapped with outbox_, so that both keep their room
  std::atomic<std::size_t> open_{0};

  std::mutex mutex_;  // guards what follows
  std::vector<Ready> outbox_;
  std::condition_variable drained_;  // open_ became 0 while draining
};

Result<void> Server::Impl::listen(const std::vector<ListenAddress>& addresses) {
  Result<void> result;
  for (const auto& address : addresses) {
    if (result) result = bind(address);
  }
  if (!result) listeners_.clear();
  for (const auto& listener : listeners_) {
    const auto local = local_address(listener->fd.get());
    addresses_.push_back({local.ip().text(), local.port()});
  }
  return result;
}

// A host name may mean several addresses; with port 0 they all get the port that the first one was given.
Result<void> Server::Impl::bind(const ListenAddress& address) {
  auto hosts = resolve_listen_host(address.host);
  if (!hosts) return std::move(hosts).error();
  std::uint16_t port = address.port;
  for (const auto& host : *hosts) {
    auto fd = open_listener(SocketAddress::make(host, port));
    if (!fd) return listen_error(fd.error(), address);
    port = local_address(fd->get()).port();
    listeners_.push_back(std::make_unique<Listener>(*this, std::move(*fd)));
  }
  return {};
}

void Server::Impl::start(HttpService& service) {
  shared_.service = &service;
  set_accepting(true);
  loop_.start();
}

void Server::Impl::set_accepting(bool accepting) {
  if (accepting == accepting_) return;
  accepting_ = accepting;
  for (auto& listener : listeners_) {
    if (!accepting) {
      loop_.unwatch(listener->fd.get(), *listener);
    } else if (!loop_.watch_level(listener->fd.get(), *listener, true, false)) {
      accepting_ = false;  // the next sweep tries again
    }
  }
}

void Server::Impl::accept_some(Listener& listener) {
  for (int i = 0; i < kAcceptBatch && accepting_; ++i) {
    if (!accept_one(listener)) break;
    if (open_connections() >= options_.max_connections) set_accepting(false);
  }
  loop_.tick_in(options_.sweep_interval);
}

// Whether there may be more to accept.
bool Server::Impl::accept_one(Listener& listener) {
  SocketAddress peer;
  Fd fd(::accept4(listener.fd.get(), peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (fd) {
    admit(std::move(fd), peer);
    return true;
  }
  const bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
  if (exhausted) set_accepting(false);  // until a connection ends or the next sweep
  return errno == ECONNABORTED || errno == EINTR;
}

// A peer over its limit may have closed connections that were not noticed yet. So the new one waits until the
// next sweep for one of them to end, and is refused only then.
void Server::Impl::admit(Fd fd, const SocketAddress& peer) {
  const bool counted = peers_.enter(peer_key(peer.ip()));
  if (!counted && waiting_.size() < kMaxWaiting) {
    waiting_.emplace_back(std::move(fd), peer);
  } else {
    take_in(std::move(fd), peer, counted);
  }
}

void Server::Impl::admit_waiting(bool last_chance) {
  std::vector<std::pair<Fd, SocketAddress>> waiting;
  waiting.swap(waiting_);
  for (auto& [fd, peer] : waiting) {
    const bool counted = peers_.enter(peer_key(peer.ip()));
    if (counted || last_chance) {
      take_in(std::move(fd), peer, counted);
    } else {
      waiting_.emplace_back(std::move(fd), peer);
    }
  }
}

void Server::Impl::take_in(Fd fd, const SocketAddress& peer, bool counted) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t number = free_slots_.back();
  free_slots_.pop_back();
  auto& slot = slots_[number];
  slot.peer = peer_key(peer.ip());
  slot.counted = counted;
  slot.connection = std::make_unique<ServerConnection>(shared_, std::move(fd), peer.text(), number);
  open_.fetch_add(1, std::memory_order_relaxed);
  renew_date();
  if (slot.counted) {
    slot.connection->start();
  } else {
    slot.connection->refuse_busy();
  }
}

void Server::Impl::respond(std::uint64_t ticket, http::Response&& response) {
  {
    std::lock_guard lock(mutex_);
    outbox_.push_back({ticket, std::move(response)});
  }
  loop_.wake();
}

void Server::Impl::woken() {
  {
    std::lock_guard lock(mutex_);
    answering_.swap(outbox_);
  }
  renew_date();
  for (auto& [ticket, response] : answering_) {
    auto& slot = slots_[ticket & ((1u << kSlotBits) - 1)];
    if (slot.connection) slot.connection->answer(ticket >> kSlotBits, response);
  }
  answering_.clear();
}

void Server::Impl::ticked() {
  renew_date();
  for (auto& slot : slots_) {
    if (slot.connection) slot.connection->check_time(loop_.now());
  }
  admit_waiting(true);
  if (!shared_.draining && open_connections() < options_.max_connections) set_accepting(true);
  if (open_connections() > 0 || !(accepting_ || shared_.draining)) loop_.tick_in(options_.sweep_interval);
}

void Server::Impl::pass_ended() {
  if (!shared_.ended.empty()) free_ended();
}

void Server::Impl::free_ended() {
  for (auto* connection : shared_.ended) {
    const std::uint32_t number = connection->slot();
    auto& slot = slots_[number];
    if (slot.counted) peers_.leave(slot.peer);
    slot.connection.reset();
    free_slots_.push_back(number);
    open_.fetch_sub(1, std::memory_order_relaxed);
  }
  shared_.ended.clear();
  if (!waiting_.empty()) admit_waiting(false);
  if (!shared_.draining) set_accepting(open_connections() < options_.max_connections);
  if (shared_.draining && open_connections() == 0) {
    std::lock_guard lock(mutex_);
    drained_.notify_all();
  }
}

void Server::Impl::begin_drain() {
  shared_.draining = true;
  set_accepting(false);
  waiting_.clear();
  listeners_.clear();
  for (auto& slot : slots_) {
    if (slot.connection) slot.connection->drain();
  }
}

bool Server::Impl::drain(std::chrono::milliseconds patience) {
  loop_.call([this] { begin_drain(); });
  std::unique_lock lock(mutex_);
  return drained_.wait_for(lock, patience, [this] { return open_connections() == 0; });
}

void Server::Impl::renew_date() {
  const Instant now = clock_.now();
  if (to_unix_seconds(now) == date_second_ && !shared_.date.empty()) return;
  date_second_ = to_unix_seconds(now);
  shared_.date = http_date(now);
}

Server::Server(const Clock& clock, ServerOptions options)
    : impl_(std::make_unique<Impl>(clock, std::move(options), *this)) {}
Server::~Server() = default;
Result<void> Server::listen(const std::vector<ListenAddress>& addresses) {
  return impl_->listen(addresses);
}
std::vector<ListenAddress> Server::addresses() const {
  return impl_->addresses();
}
void Server::start(HttpService& service) {
  impl_->start(service);
}
bool Server::drain(std::chrono::milliseconds patience) {
  return impl_->drain(patience);
}
void Server::stop() {
  impl_->stop();
}
std::size_t Server::open_connections() const {
  return impl_->open_connections();
}
void Server::respond(std::uint64_t connection, http::Response&& response) {
  impl_->respond(connection, std::move(response));
}

}  // namespace exposee::net

#include "net/server/server.h"

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "core/assert.h"
#include "net/loop/socket.h"
#include "net/server/listener.h"
#include "net/server/server_connection.h"
#include "net/server/stream_mail.h"

namespace exposee::net {
namespace {

constexpr std::size_t kMaxWaiting = 256;  // connections over their peer's limit that wait for the next sweep
// Refused connections that are read on, so that their clients see the 503 for certain. The others are closed
// at once, so that a flood of refused clients takes no slots.
constexpr std::size_t kMaxRefusedOpen = 64;
constexpr http::Fault kPeerBusy{http::FaultKind::too_many_connections,
                                "Too many connections from your address."};
constexpr int kAcceptBatch =
    64;  // connections per listener and pass, so that accepting never starves the others
constexpr std::size_t kTurnsPerPass = kPassBytes / kTurnBytes;  // of connections with large messages

}  // namespace

class Server::Impl final : public LoopUser {
 public:
  Impl(const Clock& clock, ServerOptions options, ResponseSink& sink)
      : clock_(clock),
        options_(std::move(options)),
        loop_("http-server", *this),
        shared_{.options = options_,
                .loop = loop_,
                .sink = sink,
                .unread = {options_.max_unread_bytes, options_.max_unread_bytes_per_peer},
                .unfinished = {options_.max_unfinished_bytes, options_.max_unfinished_bytes_per_peer},
                .keep_alive_lines =
                    http::keep_alive_lines(std::chrono::floor<std::chrono::seconds>(options_.idle_timeout))},
        peers_(options_.max_connections_per_peer, options_.shared_peers) {
    EXPOSEE_ASSERT(options_.max_connections < (std::size_t{1} << kSlotBits), "slots are part of a ticket");
  }
  ~Impl() { stop(); }

  Result<void> listen(const std::vector<ListenAddress>& addresses);
  const std::vector<ListenAddress>& addresses() const { return addresses_; }
  void start(HttpService& service);
  void run_between_calls(const std::function<void()>& task) { loop_.call(task); }
  bool drain(std::chrono::milliseconds patience);
  void stop();
  void respond(std::uint64_t ticket, http::Response&& response);
  void respond_with(std::uint64_t ticket, std::function<http::Response()>&& make);
  StreamMail& streams() { return stream_mail_; }
  std::size_t open_connections() const { return open_.load(std::memory_order_relaxed); }
  std::size_t unread_bytes() const { return shared_.unread.total(); }
  std::size_t unfinished_bytes() const { return shared_.unfinished.total(); }

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
  struct Unmade {
    std::uint64_t ticket;
    std::function<http::Response()> make;
  };

  void accept_some(Listener& listener);
  bool accept_one(Listener& listener);
  void admit(Fd fd, const SocketAddress& peer);
  ServerConnection& take_in(Fd fd, const SocketAddress& peer, bool counted);
  void refuse_busy(Fd fd, const SocketAddress& peer);
  void refuse_at_once(Fd fd);
  void admit_waiting(bool last_chance);
  ServerConnection* holder_of(std::uint64_t ticket);
  void tell_streams();
  void give_turns();
  void end_greediest();
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
  std::size_t refused_open_ = 0;                       // of the slots, those that are not counted
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::int64_t date_second_ = 0;
  std::vector<Ready> replying_;  // swapped with outbox_, so that both keep their room
  std::atomic<std::size_t> open_{0};
  StreamMail stream_mail_{loop_, options_.max_stream_bytes};

  std::mutex mutex_;  // guards what follows
  std::vector<Ready> outbox_;
  std::vector<Unmade> unmade_;       // few: see respond_with()
  std::condition_variable drained_;  // open_ became 0 while draining
};

Result<void> Server::Impl::listen(const std::vector<ListenAddress>& addresses) {
  std::vector<std::unique_ptr<Listener>> opened;
  for (const auto& address : addresses) {
    auto sockets = open_listeners(address);
    if (!sockets) return std::move(sockets).error();
    for (auto& fd : *sockets) opened.push_back(std::make_unique<Listener>(*this, std::move(fd)));
  }
  listeners_ = std::move(opened);
  for (const auto& listener : listeners_) {
    const auto local = local_address(listener->fd.get());
    addresses_.push_back({local.ip().text(), local.port()});
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
  const int error = errno;
  const bool exhausted = error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  if (exhausted) set_accepting(false);  // until a connection ends or the next sweep
  if (exhausted && options_.on_accept_failed) options_.on_accept_failed(error);
  return error == ECONNABORTED || error == EINTR;
}

// A peer over its limit may have closed connections that were not noticed yet. So the new one waits until the
// next sweep for one of them to end, and is refused only then.
void Server::Impl::admit(Fd fd, const SocketAddress& peer) {
  if (peers_.enter(peer.ip())) {
    take_in(std::move(fd), peer, true).start();
  } else if (waiting_.size() < kMaxWaiting) {
    waiting_.emplace_back(std::move(fd), peer);
  } else {
    refuse_busy(std::move(fd), peer);
  }
}

void Server::Impl::admit_waiting(bool last_chance) {
  std::vector<std::pair<Fd, SocketAddress>> waiting;
  waiting.swap(waiting_);
  for (auto& [fd, peer] : waiting) {
    if (peers_.enter(peer.ip())) {
      take_in(std::move(fd), peer, true).start();
    } else if (last_chance) {
      refuse_busy(std::move(fd), peer);
    } else {
      waiting_.emplace_back(std::move(fd), peer);
    }
  }
}

ServerConnection& Server::Impl::take_in(Fd fd, const SocketAddress& peer, bool counted) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t number = free_slots_.back();
  free_slots_.pop_back();
  auto& slot = slots_[number];
  slot.peer = peer_key(peer.ip());
  slot.counted = counted;
  Peer who{peer.text(), slot.peer, peers_.is_shared(peer.ip())};
  slot.connection = std::make_unique<ServerConnection>(shared_, std::move(fd), std::move(who), number);
  open_.fetch_add(1, std::memory_order_relaxed);
  renew_date();
  return *slot.connection;
}

void Server::Impl::refuse_busy(Fd fd, const SocketAddress& peer) {
  if (refused_open_ == kMaxRefusedOpen) return refuse_at_once(std::move(fd));
  ++refused_open_;
  take_in(std::move(fd), peer, false).turn_away(kPeerBusy);
}

// What has come is read first: closing with unread bytes would reset the connection.
void Server::Impl::refuse_at_once(Fd fd) {
  auto response = shared_.service->error(kPeerBusy, {});
  response.close = true;
  renew_date();
  shared_.reply_buffer.clear();
  http::write_response(response, {}, shared_.date, shared_.reply_buffer);
  ::recv(fd.get(), shared_.read_buffer.data(), shared_.read_buffer.size(), 0);
  ::send(fd.get(), shared_.reply_buffer.data(), shared_.reply_buffer.size(), MSG_NOSIGNAL);
}

void Server::Impl::respond(std::uint64_t ticket, http::Response&& response) {
  {
    std::lock_guard lock(mutex_);
    outbox_.emplace_back(ticket, std::move(response));
  }
  loop_.wake();
}

void Server::Impl::respond_with(std::uint64_t ticket, std::function<http::Response()>&& make) {
  {
    std::lock_guard lock(mutex_);
    unmade_.emplace_back(ticket, std::move(make));
  }
  loop_.wake();
}

void Server::Impl::woken() {
  std::vector<Unmade> unmade;
  {
    std::lock_guard lock(mutex_);
    replying_.swap(outbox_);
    unmade.swap(unmade_);
  }
  renew_date();
  // The reply is built even if the connection is gone, because building it records the call.
  for (auto& [ticket, make] : unmade) replying_.emplace_back(ticket, make());
  for (auto& [ticket, response] : replying_) {
    if (auto* holder = holder_of(ticket)) holder->answer(ticket >> kSlotBits, std::move(response));
  }
  replying_.clear();
  if (!stream_mail_.empty()) tell_streams();
  give_turns();
}

ServerConnection* Server::Impl::holder_of(std::uint64_t ticket) {
  return slots_[ticket & ((1u << kSlotBits) - 1)].connection.get();
}

void Server::Impl::tell_streams() {
  for (auto& news : stream_mail_.take()) {
    const auto request = news.connection >> kSlotBits;
    auto* holder = holder_of(news.connection);
    if (!news.begun) {
      if (holder) holder->stirred(request);
    } else if (holder) {
      holder->begin_stream(request, std::move(news.head), std::move(news.begun));
    } else {
      news.begun->close(StreamEnd::client_left);
    }
  }
}

void Server::Impl::stop() {
  loop_.stop();
  stream_mail_.stop();
  for (const auto& slot : slots_) {
    if (slot.connection) slot.connection->end_streams();
  }
}

// To those that have more to move than fits into one pass, in the order in which they asked.
void Server::Impl::give_turns() {
  for (auto left = std::min(shared_.turns.size(), kTurnsPerPass); left > 0; --left) {
    auto& slot = slots_[shared_.turns.front()];
    shared_.turns.pop_front();
    if (slot.connection) slot.connection->take_turn();
  }
  if (!shared_.turns.empty()) loop_.wake();
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
  shared_.pass_left = kPassBytes;
  end_greediest();
  if (!shared_.ended.empty()) free_ended();
}

void Server::Impl::end_greediest() {
  while (const auto slot = shared_.unfinished.to_close()) slots_[*slot].connection->give_up_body();
  while (const auto slot = shared_.unread.to_close()) slots_[*slot].connection->close(StreamEnd::cut_off);
}

void Server::Impl::free_ended() {
  for (auto* connection : shared_.ended) {
    const std::uint32_t number = connection->slot();
    auto& slot = slots_[number];
    if (slot.counted) {
      peers_.leave(slot.peer);
    } else {
      --refused_open_;
    }
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
std::size_t Server::unread_bytes() const {
  return impl_->unread_bytes();
}
std::size_t Server::unfinished_bytes() const {
  return impl_->unfinished_bytes();
}
void Server::run_between_calls(const std::function<void()>& task) {
  impl_->run_between_calls(task);
}
void Server::respond(std::uint64_t connection, http::Response&& response) {
  impl_->respond(connection, std::move(response));
}
void Server::respond_with(std::uint64_t connection, std::function<http::Response()>&& make) {
  impl_->respond_with(connection, std::move(make));
}

std::shared_ptr<ReplyStream> Server::stream(std::uint64_t connection, http::Response&& head, StreamKind kind,
                                             StreamEvents&& events) {
  return impl_->streams().begin(connection, std::move(head), kind, std::move(events));
}

}  // namespace exposee::net

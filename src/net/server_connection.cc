#include "net/server_connection.h"

#include <errno.h>
#include <sys/socket.h>

#include "core/assert.h"

namespace exposee::net {
namespace {

constexpr std::size_t kMaxIdleBuffer = 64 * 1024;  // bytes a connection may keep for its next answer

}  // namespace

ServerConnection::ServerConnection(ServerShared& shared, Fd fd, std::string peer, std::uint32_t slot)
    : shared_(shared), fd_(std::move(fd)), peer_(std::move(peer)), slot_(slot), since_(shared.loop.now()) {}

ServerConnection::~ServerConnection() {
  if (fd_) shared_.loop.unwatch(fd_.get(), *this);
}

void ServerConnection::start() {
  if (!shared_.loop.watch(fd_.get(), *this)) return close();
  pump();
}

void ServerConnection::refuse_busy() {
  if (!shared_.loop.watch(fd_.get(), *this)) return close();
  refuse(503, "Too many connections from your address.");
}

void ServerConnection::ready(Readiness readiness) {
  if (readiness.broken) return close();
  readable_ = readable_ || readiness.readable;
  peer_closed_ = peer_closed_ || readiness.peer_closed;
  if (readiness.writable && !out_.empty()) {
    if (send_some() && phase_ == Phase::writing) written();
  }
  pump();
}

void ServerConnection::enter(Phase phase) {
  phase_ = phase;
  since_ = shared_.loop.now();
  moved_ = 0;
}

// Reads and parses until there is nothing to read or a request is in hand. While one is, nothing is read: a
// client that sends more than it takes answers is held up by TCP.
void ServerConnection::pump() {
  while (reading()) {
    if (!pending_.empty()) {
      feed_pending();
    } else if (readable_) {
      read_socket();
    } else {
      return;
    }
  }
  while (phase_ == Phase::lingering && readable_) read_socket();
}

void ServerConnection::read_socket() {
  auto& buffer = shared_.read_buffer;
  const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (count > 0) {
    // A short read took all there was; only the end of the stream may still be behind it.
    readable_ = peer_closed_ || static_cast<std::size_t>(count) == buffer.size();
    if (phase_ != Phase::lingering) feed_received({buffer.data(), static_cast<std::size_t>(count)});
  } else if (count < 0 && errno == EAGAIN) {
    readable_ = false;
  } else if (count == 0 || errno != EINTR) {
    close();
  }
}

void ServerConnection::feed_received(std::string_view bytes) {
  const std::size_t taken = feed(bytes);
  if (taken < bytes.size()) pending_.assign(bytes.substr(taken));
}

void ServerConnection::feed_pending() {
  pending_at_ += feed(std::string_view(pending_).substr(pending_at_));
  if (pending_at_ < pending_.size()) return;
  pending_.clear();
  pending_at_ = 0;
}

// How many bytes were taken: all, unless a request became whole or was refused.
std::size_t ServerConnection::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (true) {
    const auto step = parser_.feed(bytes.substr(taken));
    taken += step.consumed;
    if (phase_ == Phase::body) moved_ += step.consumed;
    switch (step.state) {
      case http::ReadState::need_more:
        note_progress();
        return taken;
      case http::ReadState::head_complete:
        if (!decide_body(taken < bytes.size())) return taken;
        break;
      case http::ReadState::complete:
        handle();
        return taken;
      case http::ReadState::error:
        refuse(parser_.fault().status, parser_.fault().sentence);
        return bytes.size();
    }
  }
}

// The head is whole. Whether to feed on; otherwise the request was handled or refused here.
bool ServerConnection::decide_body(bool more_came) {
  const auto& request = parser_.request();
  switch (parser_.set_body_limit(shared_.service->body_limit(request.method, request.target))) {
    case http::ReadState::complete:
      handle();
      return false;
    case http::ReadState::error:
      refuse(parser_.fault().status, parser_.fault().sentence);
      return false;
    default:
      enter(Phase::body);
      if (more_came || !parser_.expects_continue()) return true;
      http::write_continue(out_);
      send_some();
      return phase_ == Phase::body;
  }
}

// The first bytes of a head start its deadline; those of later pieces do not move it.
void ServerConnection::note_progress() {
  if (phase_ == Phase::idle && !parser_.idle()) enter(Phase::head);
  if (phase_ == Phase::fresh && !parser_.idle()) phase_ = Phase::head;
}

void ServerConnection::handle() {
  enter(Phase::handling);
  request_ = ++shared_.last_request;
  auto request = std::move(parser_.request());
  parser_.next();
  context_ = http::answer_context(request);
  request.peer = peer_;
  shared_.service->handle(std::move(request), Responder(&shared_.sink, (request_ << kSlotBits) | slot_));
}

void ServerConnection::answer(std::uint64_t request, const http::Response& response) {
  if (phase_ != Phase::handling || request != request_) return;
  write(response);
  pump();
}

void ServerConnection::refuse(int status, std::string_view why) {
  context_ = {};
  context_.head = !parser_.reading_head() && parser_.request().method == http::Method::head;
  auto response = shared_.service->error(status, why, parser_.request());
  response.close = true;
  write(response);
}

void ServerConnection::write(const http::Response& response) {
  enter(Phase::writing);
  context_.keep_alive = context_.keep_alive && !shared_.draining;
  last_ = !http::write_response(response, context_, shared_.date, out_);
  if (send_some()) written();
}

// Whether all of out_ went.
bool ServerConnection::send_some() {
  while (out_at_ < out_.size()) {
    const ssize_t count = ::send(fd_.get(), out_.data() + out_at_, out_.size() - out_at_, MSG_NOSIGNAL);
    if (count >= 0) {
      out_at_ += static_cast<std::size_t>(count);
      if (phase_ == Phase::writing) moved_ += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      return false;  // the edge of becoming writable calls again
    } else if (errno != EINTR) {
      close();
      return false;
    }
  }
  out_at_ = 0;
  if (out_.capacity() > kMaxIdleBuffer) {
    out_ = {};
  } else {
    out_.clear();
  }
  return true;
}

void ServerConnection::written() {
  if (last_) return linger();
  enter(Phase::idle);
}

// Says that no more comes, but reads on until the client says the same: closing with unread bytes in the
// socket would reset the connection and could take the answer away from the client (RFC 9112 section 9.6).
void ServerConnection::linger() {
  enter(Phase::lingering);
  pending_.clear();
  pending_at_ = 0;
  ::shutdown(fd_.get(), SHUT_WR);
}

void ServerConnection::drain() {
  readable_ = true;  // a request that has arrived already is still answered
  pump();
  if (phase_ == Phase::idle || phase_ == Phase::fresh) linger();
}

void ServerConnection::check_time(MonoTime now) {
  const auto& options = shared_.options;
  switch (phase_) {
    case Phase::fresh:
    case Phase::head:
      if (now - since_ > options.head_timeout) {
        refuse(408, "The request's head did not come in time.");
        pump();
      }
      return;
    case Phase::idle:
      if (now - since_ > options.idle_timeout) close();
      return;
    case Phase::body:
      if (too_slow(now)) {
        refuse(408, "The request's body came too slowly.");
        pump();
      }
      return;
    case Phase::writing:
      if (too_slow(now)) close();
      return;
    case Phase::lingering:
      if (now - since_ > options.linger) close();
      return;
    case Phase::handling:
    case Phase::closed:
      return;
  }
}

bool ServerConnection::too_slow(MonoTime now) const {
  const auto counted = now - since_ - shared_.options.transfer_grace;
  if (counted <= MonoTime::duration::zero()) return false;
  const double seconds = std::chrono::duration<double>(counted).count();
  return static_cast<double>(moved_) < seconds * static_cast<double>(shared_.options.min_bytes_per_second);
}

void ServerConnection::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  shared_.loop.unwatch(fd_.get(), *this);
  fd_.reset();
  shared_.ended.push_back(this);
}

}  // namespace exposee::net

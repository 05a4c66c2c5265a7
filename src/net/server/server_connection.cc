#include "net/server/server_connection.h"

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "core/assert.h"
#include "core/text/give_back.h"
#include "http/content_coding.h"

namespace exposee::net {
namespace {

// A body up to this is copied behind its head; a larger one is sent from where it lies.
constexpr std::size_t kInlineBodyBytes = 4 * 1024;
// A connection with less than this in hand is not worth counting, and none keeps more while it is idle.
constexpr std::size_t kSmallChangeBytes = 4 * 1024;
// However much others moved in this pass, so much goes: all of an ordinary reply.
constexpr std::size_t kLeastTurnBytes = 8 * 1024;
constexpr int kReadsPerTurn = 4;
// What is read after the last reply, so that the client gets to see it. A client that sends more does not
// read.
constexpr std::size_t kMaxDrainBytes = 1024 * 1024;
// A request that set out just before the announced end of an idle connection is still met by an open one.
constexpr std::chrono::seconds kIdleGrace{1};

constexpr http::Fault kCodingNotSupported{http::FaultKind::coding_not_supported,
                                          "This Content-Encoding is not supported; send gzip or none."};
constexpr http::Fault kHeadTooSlow{http::FaultKind::too_slow, "The request's head did not come in time."};
constexpr http::Fault kBodyTooSlow{http::FaultKind::too_slow, "The request's body came too slowly."};
constexpr http::Fault kTooManyUnfinished{
    http::FaultKind::too_many_unfinished,
    "Too many request bodies are under way, and this one was given up to make room."};

// Whether `bytes` are fewer than the rate demands after `patience`.
bool behind(MonoTime::duration passed, std::chrono::milliseconds patience, std::size_t bytes,
            std::size_t bytes_per_second) {
  const auto counted = passed - patience;
  if (counted <= MonoTime::duration::zero()) return false;
  const double seconds = std::chrono::duration<double>(counted).count();
  return static_cast<double>(bytes) < seconds * static_cast<double>(bytes_per_second);
}

}  // namespace

ServerConnection::ServerConnection(ServerShared& shared, Fd fd, Peer peer, std::uint32_t slot)
    : shared_(shared), fd_(std::move(fd)), peer_(std::move(peer)), slot_(slot), since_(shared.loop.now()) {}

ServerConnection::~ServerConnection() {
  end_streams();
  if (fd_) shared_.loop.unwatch(fd_.get(), *this);
}

void ServerConnection::start() {
  if (!shared_.loop.watch(fd_.get(), *this)) return close();
  pump();
}

void ServerConnection::turn_away(const http::Fault& fault) {
  if (!shared_.loop.watch(fd_.get(), *this)) return close();
  refuse(fault);
}

void ServerConnection::ready(Readiness readiness) {
  if (readiness.broken) return close();
  readable_ = readable_ || readiness.readable;
  peer_closed_ = peer_closed_ || readiness.peer_closed;
  if (readiness.writable && !out_.empty() && !waits_turn_) go_on_sending();
  pump();
}

void ServerConnection::take_turn() {
  if (!waits_turn_ || phase_ == Phase::closed) return;  // asked by the slot's former connection
  waits_turn_ = false;
  if (!out_.empty()) {
    go_on_sending();
  } else {
    go_on_streaming();
  }
  pump();
}

void ServerConnection::ask_turn() {
  if (waits_turn_) return;
  waits_turn_ = true;
  shared_.turns.push_back(slot_);
  shared_.loop.wake();
}

void ServerConnection::enter(Phase phase) {
  phase_ = phase;
  since_ = shared_.loop.now();
  moved_ = 0;
}

bool ServerConnection::may_read() const {
  if (phase_ == Phase::lingering) return readable_;
  return reading() && (readable_ || !pending_.empty());
}

// Reads and parses until there is nothing to read, a request is in hand, or others have their turn. While a
// request is in hand nothing is read: TCP slows a client that sends more than it reads.
void ServerConnection::pump() {
  for (int reads = 0; may_read();) {
    if (!pending_.empty()) {
      feed_pending();
    } else if (reads > 0 && (reads == kReadsPerTurn || shared_.pass_left == 0)) {
      ask_turn();
      break;
    } else {
      const std::size_t count = read_socket();
      shared_.pass_left -= std::min(count, shared_.pass_left);
      ++reads;
    }
  }
  count_held();
}

// Bytes that came.
std::size_t ServerConnection::read_socket() {
  auto& buffer = shared_.read_buffer;
  const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (count > 0) {
    // A short read took all there was; only the end of the stream may still be behind it.
    readable_ = peer_closed_ || static_cast<std::size_t>(count) == buffer.size();
    received({buffer.data(), static_cast<std::size_t>(count)});
    return static_cast<std::size_t>(count);
  }
  if (count < 0 && errno == EAGAIN) {
    readable_ = false;
  } else if (count == 0 || errno != EINTR) {
    close();
  }
  return 0;
}

void ServerConnection::received(std::string_view bytes) {
  if (phase_ != Phase::lingering) return feed_received(bytes);
  moved_ += bytes.size();
  if (moved_ > kMaxDrainBytes) close();
}

void ServerConnection::feed_received(std::string_view bytes) {
  const std::size_t taken = feed(bytes);
  if (taken < bytes.size()) pending_.assign(bytes.substr(taken));
}

void ServerConnection::feed_pending() {
  pending_at_ += feed(std::string_view(pending_).substr(pending_at_));
  if (pending_at_ < pending_.size()) return;
  give_back(pending_);  // its memory too: idle connections are many
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
        refuse(parser_.fault());
        return bytes.size();
    }
  }
}

// The head is whole. Whether to feed on; otherwise the request was handled or refused here.
bool ServerConnection::decide_body(bool more_came) {
  const auto& request = parser_.request();
  if (http::content_coding(request.headers) == http::ContentCoding::other) {
    refuse(kCodingNotSupported);
    return false;
  }
  switch (parser_.set_body_limit(shared_.service->body_limit(request.method, request.target))) {
    case http::ReadState::complete:
      handle();
      return false;
    case http::ReadState::error:
      refuse(parser_.fault());
      return false;
    default:
      enter(Phase::body);
      if (more_came || !parser_.expects_continue()) return true;
      tell_to_go_on();
      return phase_ == Phase::body;
  }
}

// The first bytes of a head start its deadline; those of later pieces do not move it.
void ServerConnection::note_progress() {
  if (phase_ == Phase::idle && !parser_.idle()) enter(Phase::head);
  if (phase_ == Phase::fresh && !parser_.idle()) phase_ = Phase::head;
}

// Whether the body is decoded; else the request was refused.
bool ServerConnection::decode_body() {
  auto& request = parser_.request();
  if (request.body.empty() || http::content_coding(request.headers) == http::ContentCoding::identity)
    return true;
  const auto fault = http::gunzip(request.body, shared_.service->body_limit(request.method, request.target));
  if (fault) refuse(fault);
  return !fault;
}

void ServerConnection::handle() {
  if (!decode_body()) return;
  enter(Phase::handling);
  request_ = ++shared_.last_request;
  auto& request = parser_.request();
  context_ = http::response_context(request);
  request.peer = peer_.text;
  shared_.service->handle(std::move(request), Responder(&shared_.sink, (request_ << kSlotBits) | slot_));
  parser_.next();  // what the service has left of it goes, or is used again
}

void ServerConnection::answer(std::uint64_t request, http::Response&& response) {
  if (phase_ != Phase::handling || request != request_) return;
  write(std::move(response));
  pump();
}

void ServerConnection::refuse(const http::Fault& fault) {
  context_ = {};
  context_.head = !parser_.reading_head() && parser_.request().method == http::Method::head;
  auto response = shared_.service->error(fault, parser_.request());
  response.close = true;
  write(std::move(response));
}

void ServerConnection::tell_to_go_on() {
  auto& bytes = shared_.reply_buffer;
  bytes.clear();
  http::write_continue(bytes);
  send(bytes, {});
}

void ServerConnection::write(http::Response&& response) {
  enter(Phase::writing);
  context_.keep_alive = context_.keep_alive && !shared_.draining;
  context_.keep_alive_lines = shared_.keep_alive_lines;
  auto& bytes = shared_.reply_buffer;
  bytes.clear();
  const auto form = http::write_response(response, context_, shared_.date, bytes, kInlineBodyBytes);
  last_ = !form.stays_open;
  send(bytes, form.body_follows ? std::move(response.body) : http::Body{});
}

void ServerConnection::send(std::string_view head, http::Body&& body) {
  const std::size_t size = out_.left_bytes() + head.size() + body.size();
  note_sent(out_.send(fd_.get(), head, std::move(body), turn_bytes()), size);
}

void ServerConnection::go_on_sending() {
  const std::size_t size = out_.left_bytes();
  note_sent(out_.go_on(fd_.get(), turn_bytes()), size);
  if (stream_) stream_->left_unsent(out_.left_bytes());
  go_on_streaming();
}

std::size_t ServerConnection::turn_bytes() const {
  return std::max(kLeastTurnBytes, std::min(kTurnBytes, shared_.pass_left));
}

// `size`: of what was to be sent. What did not go waits for the edge of becoming writable, or for a turn.
void ServerConnection::note_sent(Outgoing::State state, std::size_t size) {
  const std::size_t sent = size - out_.left_bytes();
  shared_.pass_left -= std::min(sent, shared_.pass_left);
  if (sending()) moved_ += sent;
  switch (state) {
    case Outgoing::State::all_sent:
      if (phase_ == Phase::writing) written();
      return;
    case Outgoing::State::blocked:
      return count_held();
    case Outgoing::State::paused:
      count_held();
      return ask_turn();
    case Outgoing::State::broken:
      return close();
  }
}

// What is held for this client, counted when it changes.
void ServerConnection::count_held() {
  if (phase_ == Phase::closed) return;
  const std::size_t produced = stream_ ? stream_->held_bytes() : 0;
  count(shared_.unread, held_, out_.held_bytes() + pending_.capacity() + produced);
  count(shared_.unfinished, held_body_, phase_ == Phase::body ? parser_.request().body.capacity() : 0);
}

void ServerConnection::count(UnreadBudget& budget, std::size_t& known, std::size_t bytes) {
  if (bytes <= kSmallChangeBytes) bytes = 0;
  if (bytes == known) return;
  budget.change(slot_, peer_.key, peer_.shared, known, bytes);
  known = bytes;
}

// What still comes of it is read and thrown away, so that the client sees the reply.
void ServerConnection::give_up_body() {
  EXPOSEE_ASSERT(phase_ == Phase::body, "only a body that is still coming is counted");
  refuse(kTooManyUnfinished);
  give_back(parser_.request().body);
  pump();
}

void ServerConnection::written() {
  if (stream_) std::exchange(stream_, nullptr)->all_sent();
  if (last_) return linger();
  enter(Phase::idle);
}

// Says that no more comes, but reads on until the client says the same: closing with unread bytes in the
// socket would reset the connection and could take the reply away from the client (RFC 9112 section 9.6).
void ServerConnection::linger() {
  enter(Phase::lingering);
  give_back(pending_);
  pending_at_ = 0;
  ::shutdown(fd_.get(), SHUT_WR);
}

void ServerConnection::drain() {
  readable_ = true;            // a request that has arrived already is still answered
  last_ = last_ || sending();  // its head may have said otherwise
  if (stream_ && stream_->kind() == StreamKind::live) {
    stream_->end(StreamEnd::server_stops);
    go_on_streaming();
  }
  pump();
  if (phase_ == Phase::idle || phase_ == Phase::fresh) linger();
}

void ServerConnection::check_time(MonoTime now) {
  const auto& options = shared_.options;
  switch (phase_) {
    case Phase::fresh:  // a browser that connects ahead of a request, say
      if (now - since_ > options.head_timeout) close();
      return;
    case Phase::head:
      if (now - since_ > options.head_timeout) {
        refuse(kHeadTooSlow);
        pump();
      }
      return;
    case Phase::idle:
      if (now - since_ > idle_limit()) close();
      return;
    case Phase::body:
      if (too_slow(now)) {
        refuse(kBodyTooSlow);
        pump();
      }
      return;
    case Phase::writing:
    case Phase::streaming:
      if (!out_.empty() && (too_slow(now) || too_late(now))) close(StreamEnd::cut_off);
      return;
    case Phase::lingering:
      if (now - since_ > options.linger) close();
      return;
    case Phase::handling:
    case Phase::closed:
      return;
  }
}

MonoTime::duration ServerConnection::idle_limit() const {
  const auto grace = shared_.keep_alive_lines.empty() ? std::chrono::seconds(0) : kIdleGrace;
  return shared_.options.idle_timeout + grace;
}

bool ServerConnection::too_slow(MonoTime now) const {
  return behind(now - since_, shared_.options.transfer_grace, moved_, shared_.options.min_bytes_per_second);
}

bool ServerConnection::too_late(MonoTime now) const {
  return behind(now - since_, shared_.options.reply_patience, moved_, shared_.options.late_bytes_per_second);
}

void ServerConnection::close(StreamEnd why) {
  if (phase_ == Phase::closed) return;
  show_unfinished();
  if (stream_) std::exchange(stream_, nullptr)->close(why);
  count(shared_.unread, held_, 0);
  count(shared_.unfinished, held_body_, 0);
  phase_ = Phase::closed;
  shared_.loop.unwatch(fd_.get(), *this);
  fd_.reset();
  shared_.ended.push_back(this);
}

}  // namespace exposee::net

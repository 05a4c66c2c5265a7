#include "net/client_connection.h"

#include <errno.h>
#include <sys/uio.h>

#include <algorithm>

#include "core/assert.h"
#include "net/address_gate.h"
#include "net/request_head.h"
#include "net/sender.h"
#include "net/site.h"

namespace exposee::net {
namespace {

// When a name has several addresses, one that does not answer gets its share of the connect limit, at least
// this.
constexpr std::chrono::milliseconds kMinAddressShare{500};

constexpr std::size_t kTlsRecordBytes = 16 * 1024;  // the largest record (RFC 8446 section 5.1)

Duration since(MonoTime begin, MonoTime now) {
  return std::chrono::duration_cast<Duration>(now - begin);
}

std::string text_of(std::optional<std::string_view> header) {
  return header ? std::string(*header) : std::string();
}

}  // namespace

ClientConnection::ClientConnection(ClientShared& shared, Site& site)
    : shared_(shared), site_(site), parser_(shared.options.answer) {}

ClientConnection::~ClientConnection() {
  retire();
}

void ClientConnection::retire() {
  if (asked_name_) shared_.resolver.cancel(*this);
  asked_name_ = false;
  const bool orderly = phase_ == Phase::idle && !peer_closed_;
  if (orderly && tls_) tls_->say_goodbye();
  phase_ = Phase::ended;
  disconnect();
}

void ClientConnection::disconnect() {
  tls_.reset();
  if (fd_) shared_.loop.unwatch(fd_.get(), *this);
  fd_.reset();
  readable_ = peer_closed_ = false;
}

// --- opening --------------------------------------------------------------------------------------------

void ClientConnection::open(Attempt& attempt) {
  attempt_ = &attempt;
  attempt.connection = this;
  phase_ = Phase::resolving;
  since_ = shared_.loop.now();
  opening_ends_ = since_ + shared_.options.connect_timeout;
  if (auto why = refuse_url(shared_.options.policy, attempt.job.target->url)) {
    return fail({Cause::blocked, std::move(*why)});
  }
  if (auto literal = IpAddress::parse(site_.host)) return name_resolved({{*literal}, {}});
  asked_name_ = true;
  shared_.resolver.resolve(site_.host, *this);
}

void ClientConnection::name_resolved(const Resolution& resolution) {
  asked_name_ = false;
  if (resolution.addresses.empty()) return fail(resolution.failure);
  attempt_->timing.dns = since(since_, shared_.loop.now());
  if (auto why = shared_.gate.refuse(resolution.addresses, site_.port, site_.host)) {
    return fail({Cause::blocked, std::move(*why)});
  }
  addresses_ = resolution.addresses;
  since_ = shared_.loop.now();
  try_next_address();
}

void ClientConnection::try_next_address() {
  const auto left = addresses_.size() - next_address_;
  const auto share = (opening_ends_ - shared_.loop.now()) / static_cast<int>(left);
  address_ends_ =
      std::min(opening_ends_, shared_.loop.now() + std::max<MonoTime::duration>(share, kMinAddressShare));
  connect_to(addresses_[next_address_++]);
}

void ClientConnection::connect_to(const IpAddress& address) {
  auto fd = open_connecting(SocketAddress::make(address, site_.port));
  if (!fd) return address_failed(connect_failed(fd.error()));
  fd_ = std::move(*fd);
  phase_ = Phase::connecting;
  if (!shared_.loop.watch(fd_.get(), *this)) address_failed(connect_failed(errno));
}

void ClientConnection::address_failed(Failure failure) {
  disconnect();
  if (next_address_ < addresses_.size()) return try_next_address();
  fail(std::move(failure));
}

void ClientConnection::connect_ready() {
  if (int error = pending_error(fd_.get()); error != 0) return address_failed(connect_failed(error));
  const IpAddress& address = addresses_[next_address_ - 1];
  if (shared_.gate.reached_ourselves(local_address(fd_.get()).ip(), address, site_.port)) {
    return fail({Cause::blocked, own_listener_words(address, site_.port)});
  }
  remote_ = SocketAddress::make(address, site_.port).text();
  connected();
}

void ClientConnection::connected() {
  attempt_->timing.connect = since(since_, shared_.loop.now());
  if (!site_.https) return begin_request();
  phase_ = Phase::handshaking;
  since_ = shared_.loop.now();
  tls_.emplace(shared_.tls, fd_.get(), site_.host, site_.host_is_address(), site_.tls_session);
  shake_hands();
}

void ClientConnection::shake_hands() {
  switch (tls_->handshake()) {
    case IoState::moved:
      attempt_->timing.tls = since(since_, shared_.loop.now());
      return begin_request();
    case IoState::again:
      return;
    default:
      return fail({Cause::tls, tls_->fault_words()});
  }
}

void ClientConnection::check_opening(MonoTime now) {
  if (phase_ > Phase::handshaking) return;
  if (now >= opening_ends_) {
    const auto limit = shared_.options.connect_timeout;
    return fail(phase_ == Phase::resolving ? name_timed_out(limit) : connecting_timed_out(limit));
  }
  if (phase_ == Phase::connecting && now >= address_ends_) {
    address_failed(connecting_timed_out(shared_.options.connect_timeout));
  }
}

// --- carrying -------------------------------------------------------------------------------------------

void ClientConnection::carry(Attempt& attempt) {
  EXPOSEE_ASSERT(phase_ == Phase::idle && reused_, "only an idle connection takes an attempt");
  attempt_ = &attempt;
  attempt.connection = this;
  begin_request();
}

void ClientConnection::begin_request() {
  if (attempt_->is_withdrawn()) return give_back();
  attempt_->unsent.unlink();
  phase_ = Phase::busy;
  sent_ = 0;
  sent_at_ = shared_.loop.now();
  first_byte_seen_ = write_broken_ = false;
  parser_.next();
  if (attempt_->head.empty()) {
    shared_.heads.write(attempt_->target->head, attempt_->job, shared_.now(), attempt_->head);
  }
  write_request();
  if (write_broken_) pump();
}

// What was on another connection before has started there, and may have been seen.
void ClientConnection::give_back() {
  if (attempt_->sent_again) return fail(closed_early());
  phase_ = Phase::ended;
  shared_.owner.withdrawn(*this, *std::exchange(attempt_, nullptr));
}

void ClientConnection::ready(Readiness readiness) {
  readable_ = readable_ || readiness.readable;
  peer_closed_ = peer_closed_ || readiness.peer_closed;
  switch (phase_) {
    case Phase::connecting:
      if (readiness.writable || readiness.broken) connect_ready();
      return pump();
    case Phase::handshaking:
      shake_hands();
      return pump();
    case Phase::busy:
      if (readiness.writable && !request_sent()) write_request();
      return pump();
    case Phase::idle:
      return idle_ready();
    default:
      return;
  }
}

void ClientConnection::pump() {
  while (phase_ == Phase::busy && readable_) read_answer();
}

bool ClientConnection::request_sent() const {
  return sent_ == attempt_->head.size() + attempt_->body().size();
}

// A peer that takes no more may have answered already (a 413, say), so its side is read before that counts.
void ClientConnection::write_request() {
  while (!request_sent()) {
    const auto result = write_some();
    if (result.state == IoState::moved) {
      sent_ += result.bytes;
    } else {
      write_broken_ = result.state != IoState::again;
      readable_ = readable_ || write_broken_;
      return;
    }
  }
}

// Head and body leave with one system call.
IoResult ClientConnection::write_some() {
  const auto head = std::string_view(attempt_->head).substr(std::min(sent_, attempt_->head.size()));
  const auto body = std::string_view(attempt_->body()).substr(sent_ - std::min(sent_, attempt_->head.size()));
  if (tls_) return write_tls(head, body);
  std::array<iovec, 2> pieces{
      {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  const ssize_t sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
  if (sent >= 0) return {IoState::moved, static_cast<std::size_t>(sent)};
  return {errno == EAGAIN ? IoState::again : IoState::broken, 0};
}

// One TLS record for head and body when they fit; the same bytes again when asked again.
IoResult ClientConnection::write_tls(std::string_view head, std::string_view body) {
  if (head.empty()) return tls_->write(body);
  auto& record = shared_.tls_record;
  record.assign(head);
  record.append(body.substr(0, kTlsRecordBytes - std::min(head.size(), kTlsRecordBytes)));
  return tls_->write(record);
}

IoResult ClientConnection::read_some() {
  auto& buffer = shared_.read_buffer;
  if (tls_) return tls_->read(buffer.data(), buffer.size());
  const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (count == 0) return {IoState::closed, 0};
  if (count < 0) return {errno == EAGAIN ? IoState::again : IoState::broken, 0};
  // A short read took all there was; only the end of the stream may still be behind it.
  readable_ = peer_closed_ || static_cast<std::size_t>(count) == buffer.size();
  return {IoState::moved, static_cast<std::size_t>(count)};
}

void ClientConnection::read_answer() {
  const auto result = read_some();
  switch (result.state) {
    case IoState::moved:
      return feed({shared_.read_buffer.data(), result.bytes});
    case IoState::again:
      readable_ = false;
      if (write_broken_) ended(IoState::broken);
      return;
    default:
      return ended(result.state);
  }
}

void ClientConnection::feed(std::string_view bytes) {
  if (!first_byte_seen_) {
    first_byte_seen_ = true;
    attempt_->timing.first_byte = since(sent_at_, shared_.loop.now());
  }
  const auto step = parser_.feed(bytes);
  if (step.state == http::ReadState::need_more) return;
  if (step.state == http::ReadState::error) return fail(bad_response(parser_.fault()));
  // Whatever else is wrong with the connection, the answer counts; but then nobody may use it again.
  const bool nothing_left = step.consumed == bytes.size() && !peer_closed_ && request_sent();
  answer(parser_.reusable() && nothing_left && nothing_unread());
}

// Bytes beyond the answer would be taken for the answer to the next request.
bool ClientConnection::nothing_unread() {
  if (!tls_) return !readable_;
  return !tls_->has_buffered() || read_some().state == IoState::again;
}

void ClientConnection::ended(IoState how) {
  peer_closed_ = true;
  const bool untouched = parser_.idle();
  if (how == IoState::closed && parser_.on_eof() == http::ReadState::complete) return answer(false);
  if (reused_ && untouched && !attempt_->sent_again) {
    phase_ = Phase::ended;
    return shared_.owner.wants_fresh(*this, *std::exchange(attempt_, nullptr));
  }
  fail(closed_early());
}

void ClientConnection::answer(bool reusable) {
  Answer answer;
  answer.status = parser_.status();
  answer.reason = parser_.reason();
  answer.retry_after = text_of(parser_.header("retry-after"));
  answer.webhook_delivery = text_of(parser_.header("webhook-delivery"));
  answer.content_type = text_of(parser_.header("content-type"));
  answer.body = std::move(parser_.body());
  answer.remote_address = remote_;
  answer.reused = reused_;
  phase_ = reusable ? Phase::idle : Phase::ended;
  since_ = shared_.loop.now();
  reused_ = true;
  shared_.owner.answered(*this, *std::exchange(attempt_, nullptr), std::move(answer), reusable);
}

// A whole head is an answer, whatever becomes of the body after it: the receiver has taken the event or
// refused it.
void ClientConnection::fail(Failure failure) {
  if (phase_ == Phase::busy && parser_.has_head()) return answer(false);
  phase_ = Phase::ended;
  shared_.owner.failed(*this, *std::exchange(attempt_, nullptr), std::move(failure));
}

void ClientConnection::give_up() {
  fail(timed_out(attempt_->job.target->timeout));
}

// A receiver ends an idle connection, or (TLS) sends a session to resume from; anything else is out of turn.
void ClientConnection::idle_ready() {
  if (!readable_ && !peer_closed_) return;
  const bool quiet = !peer_closed_ && read_some().state == IoState::again;
  readable_ = false;
  if (!quiet) shared_.owner.idle_ended(*this);
}

}  // namespace exposee::net

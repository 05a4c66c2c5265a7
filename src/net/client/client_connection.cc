#include "net/client/client_connection.h"

#include <errno.h>
#include <sys/uio.h>

#include <algorithm>

#include "core/assert.h"
#include "net/client/origin.h"
#include "net/client/request_head.h"
#include "net/client/sender.h"
#include "net/dial/address_gate.h"
#include "net/loop/shortage.h"

namespace exposee::net {
namespace {

constexpr std::size_t kTlsRecordBytes = 16 * 1024;  // the largest record (RFC 8446 section 5.1)

Duration since(MonoTime begin, MonoTime now) {
  return std::chrono::duration_cast<Duration>(now - begin);
}

std::string text_of(std::optional<std::string_view> header) {
  return header ? std::string(*header) : std::string();
}

static_assert(sizeof(ClientConnection) <= 256, "bytes; thousands of connections wait for a response at a time");

// A receiver counts from another moment than we do, so the connection is given up a second sooner, or at half
// of the time when that is later.
MonoTime::duration kept_for(std::chrono::seconds announced) {
  using std::chrono::milliseconds;
  return std::max(milliseconds(announced) - milliseconds(1'000), milliseconds(announced) / 2);
}

}  // namespace

ClientConnection::ClientConnection(ClientShared& shared, Origin& origin)
    : shared_(shared), origin_(origin) {}

ClientConnection::~ClientConnection() {
  retire();
}

void ClientConnection::retire() {
  if (dial_) dial_->stop();
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
  phase_ = Phase::dialling;
  if (auto why = shared_.gate.refuse(attempt.job.target->url, origin_.public_only)) {
    return fail({Cause::blocked, std::move(*why)});
  }
  dial_ = std::make_unique<Dial>(shared_, origin_, *this);
  dial_->start();
}

void ClientConnection::dialled(Channel&& channel, Watcher& watched) {
  fd_ = std::move(channel.fd);
  tls_ = std::move(channel.tls);
  remote_ = std::move(channel.remote);
  attempt_->timing.dns = channel.dns;
  attempt_->timing.connect = channel.connect;
  attempt_->timing.tls = channel.tls_handshake;
  if (!shared_.loop.hand_over(fd_.get(), watched, *this)) return dial_failed(connect_failed(errno, {}));
  begin_request();
}

void ClientConnection::dial_failed(Failure&& failure) {
  failure.ours ? refuse_to_begin(std::move(failure)) : fail(std::move(failure));
}

// Unless it has begun on another connection before.
void ClientConnection::refuse_to_begin(Failure&& failure) {
  if (attempt_->sent_again) return fail(closed_early());
  phase_ = Phase::ended;
  shared_.owner.not_begun(*this, *std::exchange(attempt_, nullptr), std::move(failure));
}

void ClientConnection::check_opening(MonoTime now) {
  if (phase_ == Phase::dialling) dial_->check(now);
}

// --- carrying -------------------------------------------------------------------------------------------

bool ClientConnection::is_usable() {
  const auto now = shared_.loop.now();
  if (now >= keep_until_ || peer_closed_) return false;
  return now - since_ < shared_.options.rest_unseen || read_some().state == IoState::again;
}

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
  first_byte_seen_ = write_broken_ = head_told_ = false;
  write_error_ = 0;
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
  dial_.reset();  // it is done, and none of its calls is under way
  readable_ = readable_ || readiness.readable;
  peer_closed_ = peer_closed_ || readiness.peer_closed;
  switch (phase_) {
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
  while (phase_ == Phase::busy && readable_) read_response();
}

bool ClientConnection::request_sent() const {
  return sent_ == attempt_->head.size() + attempt_->body().size();
}

// A peer that takes no more may have responded already (a 413, say), so its side is read before that counts.
void ClientConnection::write_request() {
  while (!request_sent()) {
    const auto result = write_some();
    if (result.state == IoState::moved) {
      sent_ += result.bytes;
    } else {
      write_broken_ = result.state != IoState::again;
      write_error_ = errno;
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

void ClientConnection::read_response() {
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
  if (!parser_) parser_ = shared_.parsers.take();
  const auto step = parser_->feed(bytes);
  if (step.state == http::ReadState::need_more) {
    if (parser_->has_head() && !std::exchange(head_told_, true)) shared_.owner.head_came(*this, *attempt_);
    return;
  }
  if (step.state == http::ReadState::error) return fail(bad_response(parser_->fault()));
  // Whatever else is wrong with the connection, the response counts; but then it is not used again.
  const bool nothing_left = step.consumed == bytes.size() && !peer_closed_ && request_sent();
  answer(parser_->reusable() && nothing_left && nothing_unread());
}

// Bytes beyond the response would be taken for the response to the next request.
bool ClientConnection::nothing_unread() {
  if (!tls_) return !readable_;
  return !tls_->has_buffered() || read_some().state == IoState::again;
}

void ClientConnection::ended(IoState how) {
  peer_closed_ = true;
  const bool untouched = !parser_;
  if (how == IoState::closed && parser_ && parser_->on_eof() == http::ReadState::complete) return answer(false);
  if (lacks_room()) return refuse_to_begin(connect_failed(write_error_, {}));
  if (reused_ && untouched && !attempt_->sent_again) {
    phase_ = Phase::ended;
    return shared_.owner.wants_fresh(*this, *std::exchange(attempt_, nullptr));
  }
  if (tls_ && tls_->failed()) return fail({Cause::tls, tls_->fault_words()});
  fail(closed_early());
}

// Not a byte has left, for want of a buffer.
bool ClientConnection::lacks_room() const {
  return write_broken_ && sent_ == 0 && !tls_ && is_own_shortage(write_error_, {});
}

Response ClientConnection::response_so_far() {
  Response response;
  response.status = parser_->status();
  response.reason = parser_->reason();
  response.retry_after = text_of(parser_->header("retry-after"));
  response.webhook_delivery = text_of(parser_->header("webhook-delivery"));
  response.content_type = text_of(parser_->header("content-type"));
  if (response.status / 100 == 3)
    response.detail = redirect_words(text_of(parser_->header("location")), attempt_->job.target->url);
  response.body = std::move(parser_->body());
  response.remote_address = remote_;
  response.reused = reused_;
  return response;
}

void ClientConnection::answer(bool reusable) {
  auto response = response_so_far();
  phase_ = reusable ? Phase::idle : Phase::ended;
  since_ = shared_.loop.now();
  reused_ = true;
  const auto announced = parser_->keep_alive_timeout();
  keep_until_ = announced ? since_ + kept_for(*announced) : MonoTime::max();
  shared_.parsers.give_back(std::move(parser_));
  shared_.owner.answered(*this, *std::exchange(attempt_, nullptr), std::move(response), reusable);
}

// A whole head is a response, whatever becomes of the body after it: the receiver has taken the event or
// refused it.
void ClientConnection::fail(Failure failure) {
  if (phase_ == Phase::busy && has_head()) return answer(false);
  phase_ = Phase::ended;
  shared_.owner.failed(*this, *std::exchange(attempt_, nullptr), std::move(failure));
}

void ClientConnection::give_up() {
  const auto limit = attempt_->job.target->timeout;
  fail(phase_ == Phase::dialling && dial_ ? dial_->out_of_time(limit) : timed_out(limit));
}

// A receiver ends an idle connection, or (TLS) sends a session to resume from; anything else is out of turn.
void ClientConnection::idle_ready() {
  if (!readable_ && !peer_closed_) return;
  const bool quiet = !peer_closed_ && read_some().state == IoState::again;
  readable_ = false;
  if (!quiet) shared_.owner.idle_ended(*this);
}

}  // namespace exposee::net

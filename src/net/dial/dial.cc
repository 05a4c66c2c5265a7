#include "net/dial/dial.h"

#include <errno.h>

#include <algorithm>
#include <utility>

#include "net/client/origin.h"
#include "net/client/sender.h"
#include "net/dial/address_gate.h"
#include "net/loop/shortage.h"

namespace exposee::net {
namespace {

Duration between(MonoTime begin, MonoTime end) {
  return std::chrono::duration_cast<Duration>(end - begin);
}

// How much a failure says about the receiver: a refusal more than a family without a route, and what this
// machine lacks counts only when nothing is known of the receiver.
int weight_of(const Failure& failure) {
  if (failure.ours) return 1;
  if (failure.cause == Cause::connect) return failure.detail == system_words(ENETUNREACH) ? 0 : 2;
  return 3;
}

}  // namespace

// One address: connects, then shakes hands.
class Dial::Try final : public Watcher {
 public:
  Try(Dial& dial, const IpAddress& address) : dial_(dial), address_(address) {}
  ~Try() { close(); }

  // A failure at once.
  std::optional<Failure> begin() {
    auto fd = open_connecting(SocketAddress::make(address_, dial_.origin_.port));
    if (!fd) return connect_failed(fd.error(), address_);
    fd_ = std::move(*fd);
    if (!dial_.doors_.loop.watch(fd_.get(), *this)) return connect_failed(errno, address_);
    return std::nullopt;
  }

  void ready(Readiness readiness) override {
    if (step_ == Step::handshaking) return shake_hands();
    if (!readiness.writable && !readiness.broken) return;
    if (int error = pending_error(fd_.get()); error != 0) return failed(connect_failed(error, address_));
    connected();
  }

  void close() {
    tls_.reset();
    if (fd_) dial_.doors_.loop.unwatch(fd_.get(), *this);
    fd_.reset();
  }

  bool is_open() const { return static_cast<bool>(fd_); }
  Step step() const { return step_; }
  const IpAddress& address() const { return address_; }

  Channel take(MonoTime resolved_at) {
    Channel channel{.fd = std::move(fd_),
                    .tls = std::move(tls_),
                    .remote = SocketAddress::make(address_, dial_.origin_.port).text()};
    channel.connect = between(resolved_at, connected_at_);
    if (channel.tls) channel.tls_handshake = between(connected_at_, dial_.doors_.loop.now());
    return channel;
  }

 private:
  void connected() {
    auto& origin = dial_.origin_;
    if (dial_.doors_.gate.reached_ourselves(local_address(fd_.get()).ip(), address_, origin.port)) {
      return dial_.fail({Cause::blocked, own_listener_words(address_, origin.port)});
    }
    connected_at_ = dial_.doors_.loop.now();
    if (!origin.https) return dial_.try_won(*this);
    auto tls =
        TlsStream::open(dial_.doors_.tls, fd_.get(), origin.host, origin.host_is_address(), origin.tls_session);
    if (!tls) return failed({Cause::tls, tls.error().message, true});
    tls_ = std::move(*tls);
    step_ = Step::handshaking;
    dial_.step_made();
    shake_hands();
  }

  void shake_hands() {
    const auto state = tls_->handshake();
    if (state == IoState::moved) return dial_.try_won(*this);
    if (state != IoState::again) failed({Cause::tls, tls_->fault_words()});
  }

  void failed(Failure&& failure) {
    close();
    dial_.try_failed(std::move(failure));
  }

  Dial& dial_;
  const IpAddress address_;
  Fd fd_;
  std::unique_ptr<TlsStream> tls_;
  Step step_ = Step::connecting;
  MonoTime connected_at_;
};

Dial::Dial(const DialDoors& doors, Origin& origin, DialUser& user) : doors_(doors), origin_(origin), user_(user) {}

Dial::~Dial() {
  stop();
}

void Dial::start() {
  began_ = resolved_at_ = doors_.loop.now();
  ends_ = began_ + doors_.options.connect_timeout;
  if (auto literal = IpAddress::parse(origin_.host)) return name_resolved({{*literal}, {}});
  asking_ = true;
  doors_.resolver.resolve(origin_.host, *this);
}

void Dial::name_resolved(const Resolution& resolution) {
  asking_ = resolution.more;
  if (addresses_.empty()) resolved_at_ = doors_.loop.now();
  if (auto why = doors_.gate.refuse(resolution.addresses, origin_.port, origin_.host, origin_.public_only)) {
    return fail({Cause::blocked, std::move(*why)});
  }
  add(resolution.addresses);
  if (addresses_.empty()) return fail(Failure(resolution.failure));
  go_on();
}

// In the order given, but the good one first.
void Dial::add(const std::vector<IpAddress>& addresses) {
  const bool first = addresses_.empty();
  for (const auto& address : addresses) {
    const bool known = std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
    if (!known) addresses_.push_back(address);
  }
  if (!first || !origin_.good_address || origin_.good_until <= doors_.loop.now()) return;
  const auto good = std::find(addresses_.begin(), addresses_.end(), *origin_.good_address);
  if (good != addresses_.end()) std::rotate(addresses_.begin(), good, good + 1);
}

void Dial::go_on() {
  while (!ended_ && under_way_ == 0 && next_ < addresses_.size()) begin_next();
  if (!ended_ && under_way_ == 0 && !asking_) fail(std::move(*failure_));
}

void Dial::begin_next() {
  auto& next = *tries_.emplace_back(std::make_unique<Try>(*this, addresses_[next_++]));
  if (auto failure = next.begin()) {
    next.close();
    return note_failure(std::move(*failure));
  }
  ++under_way_;
  step_made();
}

void Dial::step_made() {
  next_at_ = doors_.loop.now() + kAttemptDelay;
  if (next_ < addresses_.size()) doors_.loop.tick_in(kAttemptDelay);
}

void Dial::note_failure(Failure&& failure) {
  if (!failure_ || weight_of(failure) >= weight_of(*failure_)) failure_ = std::move(failure);
}

void Dial::try_failed(Failure&& failure) {
  --under_way_;
  note_failure(std::move(failure));
  if (next_ < addresses_.size()) begin_next();
  go_on();
}

void Dial::try_won(Try& won) {
  origin_.good_address = won.address();
  origin_.good_until = doors_.loop.now() + kGoodAddressMemory;
  auto channel = won.take(resolved_at_);
  channel.dns = between(began_, resolved_at_);
  stop();
  user_.dialled(std::move(channel), won);
}

void Dial::fail(Failure&& failure) {
  origin_.good_address.reset();
  stop();
  user_.dial_failed(std::move(failure));
}

// What is in the middle of a call stays until this is destroyed.
void Dial::stop() {
  ended_ = true;
  if (std::exchange(asking_, false)) doors_.resolver.cancel(*this);
  for (const auto& each : tries_) each->close();
}

void Dial::check(MonoTime now) {
  if (ended_) return;
  if (now >= ends_) {
    const auto limit = doors_.options.connect_timeout;
    return fail(addresses_.empty() ? name_timed_out(limit) : out_of_time(limit));
  }
  if (under_way_ == 0 || next_ >= addresses_.size() || now < next_at_) return;
  begin_next();
  go_on();
}

Failure Dial::out_of_time(std::chrono::milliseconds limit) const {
  if (addresses_.empty()) return timed_out(limit);
  const bool in_tls = std::any_of(tries_.begin(), tries_.end(), [](const auto& each) {
    return each->is_open() && each->step() == Step::handshaking;
  });
  return in_tls ? handshake_timed_out(limit) : connecting_timed_out(limit);
}

}  // namespace exposee::net

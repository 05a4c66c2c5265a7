// Dialling: from an origin to a connection that is ready for a request. Asks for the name, lets the gate
// judge every address anew, and tries them as RFC 8305 has it: the next one when the one before has made no
// step for 250 ms, at once when it failed, be it in connecting or in the TLS handshake; the first that is
// ready wins. An address that was good is tried first for some minutes, if the name still leads to it.
//
// Owned by a ClientConnection, on the sender's thread; notifies its DialUser once. Time is checked from
// outside.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "net/client/words.h"
#include "net/dial/channel.h"
#include "net/dial/resolver.h"
#include "net/loop/loop.h"
#include "net/loop/socket.h"

namespace exposee::net {

class AddressGate;
class TlsContext;
struct SenderOptions;
struct Origin;

// How long an address may make no step before the next is tried beside it (RFC 8305 section 8).
constexpr std::chrono::milliseconds kAttemptDelay{250};
// How long a good address is tried first.
constexpr std::chrono::minutes kGoodAddressMemory{5};

class DialUser {
 public:
  // `watched`: what the loop notifies about the channel's descriptor until now.
  virtual void dialled(Channel&& channel, Watcher& watched) = 0;
  virtual void dial_failed(Failure&& failure) = 0;

 protected:
  ~DialUser() = default;
};

// What dialling needs; outlives it.
struct DialDoors {
  const SenderOptions& options;
  Loop& loop;
  Resolver& resolver;
  const AddressGate& gate;
  const TlsContext& tls;
};

class Dial final : public NameWaiter {
 public:
  Dial(const DialDoors& doors, Origin& origin, DialUser& user);
  ~Dial();

  void start();
  void stop();               // nothing is notified any more; also from within a notification
  void check(MonoTime now);  // the limit of dialling, and whether the next address is to be tried
  // Why it is not done yet, when there is no more time for it.
  Failure out_of_time(std::chrono::milliseconds limit) const;

  void name_resolved(const Resolution& resolution) override;

 private:
  class Try;
  enum class Step : std::uint8_t { connecting, handshaking };

  void add(const std::vector<IpAddress>& addresses);
  void go_on();
  void begin_next();
  void step_made();  // by one that goes on
  void note_failure(Failure&& failure);
  void try_failed(Failure&& failure);
  void try_won(Try& won);
  void fail(Failure&& failure);

  const DialDoors& doors_;
  Origin& origin_;
  DialUser& user_;
  bool ended_ = false;
  bool asking_ = false;  // the resolver will call
  MonoTime began_;
  MonoTime resolved_at_;
  MonoTime ends_;                     // the limit of all of it
  MonoTime next_at_;                  // when to try the next address beside those under way
  std::vector<IpAddress> addresses_;  // in the order of trial, all of them allowed
  std::size_t next_ = 0;              // of addresses_
  std::size_t under_way_ = 0;         // of tries_
  std::vector<std::unique_ptr<Try>> tries_;
  std::optional<Failure> failure_;  // the most informative so far
};

}  // namespace exposee::net

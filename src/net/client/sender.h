// The real Sender (ports/sender.h): POSTs events to receivers over kept-alive connections, http and https,
// under the limits of promise D7 and the address rules of promises section 3. Owned by app/; works on one
// thread of its own (net/loop/loop.h), where it also signs and calls SendSink::answered() with everything one pass
// of the loop brought.
//
// A kept-alive connection may be closed by its receiver just as a request leaves. A request that fails on a
// REUSED connection before any byte of a response came is therefore sent once more, on a fresh connection,
// within the same attempt and deadline. The receiver may see it twice, with the same webhook-id and bytes:
// promise D3 allows that for a broken connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/address/address.h"
#include "core/result.h"
#include "http/response_parser.h"
#include "net/server/listen_address.h"
#include "ports/clock.h"
#include "ports/random.h"
#include "ports/sender.h"

namespace exposee::net {

struct SenderOptions {
  AddressPolicy policy;       // which receivers are open to us
  bool verify_tls = true;     // false only by an explicit switch that app/ announces loudly
  std::string extra_ca_file;  // PEM, trusted beside the system's store; empty: none
  std::string dns_servers;    // "10.0.0.2:53,..."; empty: resolv.conf
  std::chrono::milliseconds connect_timeout{5'000};  // name, connect and TLS handshake together
  std::chrono::milliseconds dns_timeout{5'000};
  std::chrono::milliseconds idle_timeout{30'000};  // of a kept-alive connection without use
  // Unexpected bytes come with a response, or soon after it, and wake the connection. One that has rested
  // so long is looked at before it is used again; a busy one is not, which would cost a system call each
  // time.
  std::chrono::milliseconds rest_unseen{10};
  // How long a response's body may come after its head (D5). The outcome is known by then.
  std::chrono::milliseconds body_time{1'000};
  std::size_t max_connections = 8192;      // open ones, all receivers together; at it, jobs wait
  std::size_t max_idle_per_origin = 64;      // idle per scheme, host and port; more only while in a burst
  std::chrono::milliseconds burst{2'000};  // how long more may rest
  http::ResponseLimits response;             // bytes of body kept, and read at all
  std::chrono::milliseconds tick{50};      // how late a withdrawal or a limit of opening may be noticed
};

class HttpSender final : public Sender {
 public:
  // Error: invalid (the CA file cannot be read, the DNS servers make no sense), internal.
  static Result<std::unique_ptr<HttpSender>> make(const Clock& clock, Random& random, SenderOptions options);
  ~HttpSender() override;  // stop()

  void send(std::vector<SendJob>&& jobs, SendSink& sink) override;

  // Our own listeners, which no delivery may ever reach: the bound addresses with their real ports. Any
  // thread; call it before the first send.
  void refuse_own_listeners(std::vector<ListenAddress> listeners);

  // Where deliveries may go, and (read anew) which certificates are trusted, for connections made from now on.
  // Any thread but the sender's own. Error: invalid, internal (of the certificates); then nothing changes.
  Result<void> set_rules(AddressPolicy policy);

  // Reports what is still in hand (cause closed) and ends the thread. No send() may follow. Any
  // thread but the sender's own; safe to call again.
  void stop();

  std::size_t open_connections() const;  // any thread

 private:
  class Impl;
  explicit HttpSender(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace exposee::net

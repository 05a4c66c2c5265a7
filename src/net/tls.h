// TLS towards receivers, by OpenSSL: at least TLS 1.2, chain and name verified, sessions resumed (a handshake
// costs as much as a hundred posts on a kept-alive connection). OpenSSL works on the socket itself, which
// does not block. TlsContext is shared by all connections of a sender; both are used on its thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;
using SSL_SESSION = struct ssl_session_st;

namespace exposee::net {

struct FreeSsl {
  void operator()(SSL* ssl) const;
  void operator()(SSL_CTX* context) const;
  void operator()(SSL_SESSION* session) const;
};

// The last session a receiver gave us, to resume from. Lives as long as any TlsStream that may fill it.
using TlsSession = std::unique_ptr<SSL_SESSION, FreeSsl>;

class TlsContext {
 public:
  // Trusts the system's store, and beside it the PEM file `extra_ca_file` (may be empty). Without `verify`
  // any certificate is taken: only by an explicit switch. Errors: invalid (the file), internal.
  static Result<TlsContext> make(bool verify, const std::string& extra_ca_file);
  SSL_CTX* get() const { return context_.get(); }
  bool verifies() const { return verify_; }

 private:
  TlsContext(std::unique_ptr<SSL_CTX, FreeSsl> context, bool verify)
      : context_(std::move(context)), verify_(verify) {}
  std::unique_ptr<SSL_CTX, FreeSsl> context_;
  bool verify_;
};

// What a step on a socket came to, plain or TLS.
enum class IoState : std::uint8_t {
  moved,   // bytes went
  again,   // not now: wait for the socket
  closed,  // the peer has ended its side in order
  broken,  // reset, or (TLS) a fault
};
struct IoResult {
  IoState state = IoState::broken;
  std::size_t bytes = 0;
};

class TlsStream {
 public:
  // `fd`: connected and non-blocking; stays the caller's. `host`: a name (sent as SNI) or a literal address.
  TlsStream(const TlsContext& context, int fd, const std::string& host, bool host_is_address,
            TlsSession& session);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  IoState handshake();  // moved: done
  IoResult read(char* data, std::size_t size);
  IoResult write(
      std::string_view bytes);  // after `again` the same bytes must come again (they may have moved)
  void say_goodbye();           // close_notify, if it can go at once

  bool has_buffered() const;  // bytes came that no read() has looked at yet
  bool resumed() const;
  // Why the handshake failed, in plain words: "Certificate not trusted: self-signed certificate".
  std::string fault_words() const;

 private:
  IoState judge(int outcome);

  std::unique_ptr<SSL, FreeSsl> ssl_;
  std::string fault_;
};

}  // namespace exposee::net

// TLS towards receivers, by OpenSSL: at least TLS 1.2, chain and name verified, sessions resumed (a handshake
// costs as much as a hundred posts on a kept-alive connection). OpenSSL works on the socket itself, which
// does not block. TlsContext is shared by all connections of a sender; both are used on its thread.
//
// The system's certificates are a megabyte and take a core tens of milliseconds to read: more than the
// sender's thread may be held up, and in vain where no receiver has https. So they are added when the first
// connection needs them, aside.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;
using SSL_SESSION = struct ssl_session_st;
using X509_STORE = struct x509_store_st;
using ASN1_TIME = struct asn1_string_st;

namespace exposee::net {

struct FreeSsl {
  void operator()(SSL* ssl) const;
  void operator()(SSL_CTX* context) const;
  void operator()(SSL_SESSION* session) const;
  void operator()(X509_STORE* store) const;
  void operator()(ASN1_TIME* time) const;
};

// The last session a receiver gave us, to resume from. Lives as long as any TlsStream that may fill it.
struct TlsSession {
  std::unique_ptr<SSL_SESSION, FreeSsl> session;
  // When the first certificate of the chain ends that was verified for it: a resumed session shows none, and
  // must not be the way around that. Null: none was verified.
  std::unique_ptr<ASN1_TIME, FreeSsl> chain_ends;

  bool may_resume() const;
};

// Which authorities are trusted: those of a PEM file from the beginning, the system's once they are added.
class Trust {
 public:
  // `extra_ca_file` may be empty. Errors: invalid (the file), internal.
  static Result<std::shared_ptr<Trust>> make(const std::string& extra_ca_file);
  explicit Trust(std::unique_ptr<X509_STORE, FreeSsl> store) : store_(std::move(store)) {}

  // Once, before anything is verified; any thread. False: there is no memory for them.
  [[nodiscard]] bool add_system();
  bool has_system() const { return has_system_.load(std::memory_order_acquire); }  // any thread
  X509_STORE* get() const { return store_.get(); }

 private:
  std::unique_ptr<X509_STORE, FreeSsl> store_;
  std::atomic<bool> has_system_{false};
};

class TlsContext {
 public:
  // Trusts the PEM file `extra_ca_file` (may be empty), and the system once trust() has it. Without `verify`
  // any certificate is taken: only by an explicit switch. Errors: invalid (the file), internal.
  static Result<TlsContext> make(bool verify, const std::string& extra_ca_file);
  SSL_CTX* get() const { return context_.get(); }
  const std::shared_ptr<Trust>& trust() const { return trust_; }
  // Whether all is there by which certificates are judged. No stream is opened before.
  bool is_ready() const { return !verify_ || trust_->has_system(); }

 private:
  TlsContext(std::unique_ptr<SSL_CTX, FreeSsl> context, std::shared_ptr<Trust> trust, bool verify)
      : context_(std::move(context)), trust_(std::move(trust)), verify_(verify) {}
  Result<void> configure();

  std::unique_ptr<SSL_CTX, FreeSsl> context_;
  std::shared_ptr<Trust> trust_;
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
  // Error: internal, when it cannot be set up as it must be: the context is not ready, or memory is short.
  static Result<std::unique_ptr<TlsStream>> open(const TlsContext& context, int fd, const std::string& host,
                                                 bool host_is_address, TlsSession& session);
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
  // Whether TLS itself ended the connection after the handshake: the peer's alert, or a record that is
  // broken.
  bool failed() const { return failed_; }
  // Why, in plain words: "Certificate not trusted: self-signed certificate".
  std::string fault_words() const;

 private:
  friend struct TlsHooks;  // OpenSSL's C functions
  TlsStream(std::unique_ptr<SSL, FreeSsl> ssl, TlsSession& session)
      : ssl_(std::move(ssl)), session_(session) {}
  bool set_up(int fd, const std::string& host, bool host_is_address);
  IoState judge(int outcome);
  void note_fault();

  std::unique_ptr<SSL, FreeSsl> ssl_;
  TlsSession& session_;
  std::string fault_;
  bool shaken_ = false;  // the handshake was finished; once something failed OpenSSL no longer says so
  bool failed_ = false;
  bool certificate_asked_ = false;  // by the receiver, of us
  bool plain_http_ = false;         // what should be its first TLS record is HTTP
};

}  // namespace exposee::net

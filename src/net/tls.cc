#include "net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "core/assert.h"
#include "net/socket.h"

namespace exposee::net {
namespace {

std::string last_fault() {
  const unsigned long code = ERR_peek_last_error();
  if (code == 0) return "";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(ERR_GET_REASON(code));
}

// OpenSSL hands a new session to whoever keeps sessions: the slot the stream was made with. It may come at
// any time after the handshake (TLS 1.3). 1: we own it now.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* slot = static_cast<TlsSession*>(SSL_get_app_data(ssl));
  slot->reset(session);
  return 1;
}

Error ca_file_error(const std::string& file) {
  return {ErrorCode::invalid, "The CA file '" + file + "' cannot be used: " + last_fault() + ".",
          "It must hold certificates in PEM form and be readable."};
}

}  // namespace

void FreeSsl::operator()(SSL* ssl) const {
  SSL_free(ssl);
}
void FreeSsl::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}
void FreeSsl::operator()(SSL_SESSION* session) const {
  SSL_SESSION_free(session);
}

Result<TlsContext> TlsContext::make(bool verify, const std::string& extra_ca_file) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, FreeSsl> context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return Error{ErrorCode::internal, "OpenSSL does not start: " + last_fault() + ".", ""};
  }
  SSL_CTX* raw = context.get();
  SSL_CTX_set_default_verify_paths(raw);
  if (!extra_ca_file.empty() && SSL_CTX_load_verify_file(raw, extra_ca_file.c_str()) != 1) {
    return ca_file_error(extra_ca_file);
  }
  SSL_CTX_set_verify(raw, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(
      raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(raw, 1);  // one read() per record instead of two
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, &keep_session);
  // Many servers end TLS without close_notify; the length of an answer says whether it is whole.
  SSL_CTX_set_options(raw, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  const unsigned char http11[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(raw, http11, sizeof http11 - 1);
  return TlsContext(std::move(context), verify);
}

TlsStream::TlsStream(const TlsContext& context, int fd, const std::string& host, bool host_is_address,
                     TlsSession& session)
    : ssl_(SSL_new(context.get())) {
  EXPOSEE_ASSERT(ssl_ != nullptr, "OpenSSL has no memory for a connection");
  SSL* ssl = ssl_.get();
  SSL_set_app_data(ssl, &session);
  SSL_set_fd(ssl, fd);
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (host_is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set1_host(ssl, host.c_str());
  }
  if (session && SSL_SESSION_is_resumable(session.get())) SSL_set_session(ssl, session.get());
  SSL_set_connect_state(ssl);
}

TlsStream::~TlsStream() {
  // Freed without a shutdown, a connection would mark its session as not resumable.
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

IoState TlsStream::judge(int outcome) {
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return IoState::again;
    case SSL_ERROR_ZERO_RETURN:
      return IoState::closed;
    case SSL_ERROR_SYSCALL:
      fault_ = errno != 0 ? system_words(errno) : "the connection was closed";
      return IoState::broken;
    default:
      fault_ = last_fault();
      return IoState::broken;
  }
}

IoState TlsStream::handshake() {
  ERR_clear_error();
  errno = 0;
  const int outcome = SSL_do_handshake(ssl_.get());
  return outcome == 1 ? IoState::moved : judge(outcome);
}

IoResult TlsStream::read(char* data, std::size_t size) {
  ERR_clear_error();
  errno = 0;
  std::size_t count = 0;
  const int outcome = SSL_read_ex(ssl_.get(), data, size, &count);
  if (outcome == 1) return {IoState::moved, count};
  return {judge(outcome), 0};
}

IoResult TlsStream::write(std::string_view bytes) {
  ERR_clear_error();
  errno = 0;
  std::size_t count = 0;
  const int outcome = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
  if (outcome == 1) return {IoState::moved, count};
  return {judge(outcome), 0};
}

void TlsStream::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get())) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool TlsStream::has_buffered() const {
  return SSL_has_pending(ssl_.get()) == 1;
}

bool TlsStream::resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

std::string TlsStream::fault_words() const {
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    return "Certificate is for another name";
  }
  const bool judged = (SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER) != 0;
  if (judged && verdict != X509_V_OK) {
    return std::string("Certificate not trusted: ") + X509_verify_cert_error_string(verdict);
  }
  return "TLS handshake failed: " + (fault_.empty() ? "the connection was closed" : fault_);
}

}  // namespace exposee::net

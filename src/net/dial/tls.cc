#include "net/dial/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "core/failure_words.h"
#include "net/loop/socket.h"

namespace exposee::net {
namespace {

std::string last_fault() {
  const unsigned long code = ERR_peek_last_error();
  if (code == 0) return "";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(ERR_GET_REASON(code));
}

// The alert that the peer sent, 0: it sent none. OpenSSL's own words for the older ones speak of SSLv3,
// whatever was spoken.
int peers_alert(unsigned long code) {
  const int reason = ERR_GET_REASON(code);
  const bool is_alert = ERR_GET_LIB(code) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET &&
                        reason <= SSL_AD_REASON_OFFSET + 255;
  return is_alert ? reason - SSL_AD_REASON_OFFSET : 0;
}

// The end that comes first.
std::unique_ptr<ASN1_TIME, FreeSsl> end_of_chain(SSL* ssl) {
  const ASN1_TIME* first = nullptr;
  auto* chain = SSL_get0_verified_chain(ssl);
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    const auto* end = X509_get0_notAfter(sk_X509_value(chain, i));
    if (first == nullptr || ASN1_TIME_compare(end, first) < 0) first = end;
  }
  return std::unique_ptr<ASN1_TIME, FreeSsl>(first != nullptr ? ASN1_STRING_dup(first) : nullptr);
}

constexpr std::size_t kRecordHeaderBytes = 5;

Error does_not_start() {
  return {ErrorCode::internal, "OpenSSL does not start: " + last_fault() + ".", ""};
}

Error ca_file_error(const std::string& file) {
  return {ErrorCode::invalid, "The CA file '" + file + "' cannot be used: " + last_fault() + ".",
          "It must hold certificates in PEM form and be readable."};
}

}  // namespace

struct TlsHooks {
  static TlsStream& stream_of(SSL* ssl) { return *static_cast<TlsStream*>(SSL_get_app_data(ssl)); }

  // OpenSSL hands a new session to the keeper of sessions: the slot the stream was made with. It may come at
  // any time after the handshake (TLS 1.3). 1: we own it now. A chain that was verified before stays its
  // measure.
  static int keep_session(SSL* ssl, SSL_SESSION* session) {
    auto& slot = stream_of(ssl).session_;
    slot.session.reset(session);
    if (SSL_session_reused(ssl) != 1) slot.chain_ends = end_of_chain(ssl);
    return 1;
  }

  static int certificate_asked(SSL* ssl, X509**, EVP_PKEY**) {
    stream_of(ssl).certificate_asked_ = true;
    return 0;  // we have none
  }

  // Looks at the headers of the records that come in the handshake.
  static void see(int is_out, int, int kind, const void* bytes, std::size_t size, SSL* ssl, void*) {
    if (is_out != 0 || kind != SSL3_RT_HEADER || size < kRecordHeaderBytes) return;
    const std::string_view header(static_cast<const char*>(bytes), kRecordHeaderBytes);
    if (header == "HTTP/") stream_of(ssl).plain_http_ = true;
  }
};

void FreeSsl::operator()(SSL* ssl) const {
  SSL_free(ssl);
}
void FreeSsl::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}
void FreeSsl::operator()(SSL_SESSION* session) const {
  SSL_SESSION_free(session);
}
void FreeSsl::operator()(X509_STORE* store) const {
  X509_STORE_free(store);
}
void FreeSsl::operator()(ASN1_TIME* time) const {
  ASN1_TIME_free(time);
}

bool TlsSession::may_resume() const {
  if (!session || SSL_SESSION_is_resumable(session.get()) != 1) return false;
  return !chain_ends || X509_cmp_current_time(chain_ends.get()) > 0;
}

Result<std::shared_ptr<Trust>> Trust::make(const std::string& extra_ca_file) {
  ERR_clear_error();
  std::unique_ptr<X509_STORE, FreeSsl> store(X509_STORE_new());
  if (!store) return does_not_start();
  if (!extra_ca_file.empty() && X509_STORE_load_file(store.get(), extra_ca_file.c_str()) != 1) {
    return ca_file_error(extra_ca_file);
  }
  return std::make_shared<Trust>(std::move(store));
}

// A system without certificates is not a fault: then no receiver is trusted.
bool Trust::add_system() {
  const bool added = X509_STORE_set_default_paths(store_.get()) == 1;
  ERR_clear_error();
  if (added) has_system_.store(true, std::memory_order_release);
  return added;
}

Result<TlsContext> TlsContext::make(bool verify, const std::string& extra_ca_file) {
  auto trust = Trust::make(extra_ca_file);
  if (!trust) return std::move(trust).error();
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, FreeSsl> context(SSL_CTX_new(TLS_client_method()));
  if (!context) return does_not_start();
  TlsContext made(std::move(context), std::move(*trust), verify);
  EXPOSEE_TRY(made.configure());
  return made;
}

Result<void> TlsContext::configure() {
  SSL_CTX* raw = context_.get();
  if (SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1) return does_not_start();
  SSL_CTX_set1_cert_store(raw, trust_->get());
  SSL_CTX_set_verify(raw, verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_mode(
      raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(raw, 1);  // one read() per record instead of two
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, &TlsHooks::keep_session);
  SSL_CTX_set_client_cert_cb(raw, &TlsHooks::certificate_asked);
  // Many servers end TLS without close_notify; the length of a response says whether it is whole.
  SSL_CTX_set_options(raw, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  const unsigned char http11[] = "\x08http/1.1";
  if (SSL_CTX_set_alpn_protos(raw, http11, sizeof http11 - 1) != 0) return does_not_start();
  return {};
}

Result<std::unique_ptr<TlsStream>> TlsStream::open(const TlsContext& context, int fd, const std::string& host,
                                                   bool host_is_address, TlsSession& session) {
  if (!context.is_ready()) return Error{ErrorCode::internal, "The certificates to trust are being read", ""};
  ERR_clear_error();
  std::unique_ptr<SSL, FreeSsl> ssl(SSL_new(context.get()));
  if (ssl != nullptr) {
    std::unique_ptr<TlsStream> stream(new TlsStream(std::move(ssl), session));
    if (stream->set_up(fd, host, host_is_address)) return stream;
  }
  return Error{ErrorCode::internal, "TLS cannot be set up: " + last_fault(), ""};
}

// An unverified peer gets no data.
bool TlsStream::set_up(int fd, const std::string& host, bool host_is_address) {
  SSL* ssl = ssl_.get();
  SSL_set_app_data(ssl, this);
  SSL_set_msg_callback(ssl, &TlsHooks::see);
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  // The dot of the root is for name servers alone: neither SNI (RFC 6066 section 3) nor a certificate has it.
  const std::string name = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  const bool named = host_is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1
                                     : SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 &&
                                           SSL_set1_host(ssl, name.c_str()) == 1;
  if (!named || SSL_set_fd(ssl, fd) != 1) return false;
  if (session_.may_resume()) SSL_set_session(ssl, session_.session.get());  // without, it is only slower
  SSL_set_connect_state(ssl);
  return true;
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
      failed_ = true;
      note_fault();
      return IoState::broken;
  }
}

void TlsStream::note_fault() {
  const unsigned long code = ERR_peek_last_error();
  const int alert = peers_alert(code);
  const bool about_ours = certificate_asked_ && alert != 0 && alert != SSL_AD_PROTOCOL_VERSION;
  if (about_ours || alert == SSL_AD_CERTIFICATE_REQUIRED) {
    fault_ = kDemandsClientCertificate;
  } else if (plain_http_) {
    fault_ = kSpeaksPlainHttp;
  } else if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER) {
    fault_ = kSpeaksNoTls;
  } else if (alert != 0) {
    fault_ = std::string("the receiver refused with the alert '") + SSL_alert_desc_string_long(alert) + "'";
  } else {
    fault_ = last_fault();
  }
}

IoState TlsStream::handshake() {
  ERR_clear_error();
  errno = 0;
  const int outcome = SSL_do_handshake(ssl_.get());
  if (outcome != 1) return judge(outcome);
  SSL_set_msg_callback(ssl_.get(), nullptr);
  shaken_ = true;
  return IoState::moved;
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
    return std::string(kCertificateOfAnother);
  }
  const bool judged = (SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER) != 0;
  if (judged && verdict != X509_V_OK) {
    return std::string(kCertificateUntrusted) + X509_verify_cert_error_string(verdict);
  }
  const std::string_view begin = shaken_ ? "TLS failed: " : "TLS handshake failed: ";
  return std::string(begin) + (fault_.empty() ? "the connection was closed" : fault_);
}

}  // namespace exposee::net

// A certificate authority and TLS receivers for tests, made on the spot with OpenSSL.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

#include "net/loop/test_socket.h"

namespace exposee::net {

template <auto free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using ServerContext = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;

struct Identity {
  Key key;
  Certificate certificate;
};

// `alt_names`: "DNS:localhost", "IP:127.0.0.1". Without an issuer it signs itself.
inline Identity make_identity(const std::string& name, const std::string& alt_names,
                              const Identity* issuer = nullptr) {
  Identity made{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  static long serial = 0;
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const Identity& signer = issuer != nullptr ? *issuer : made;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  const int kind = alt_names.empty() ? NID_basic_constraints : NID_subject_alt_name;
  const std::string value = alt_names.empty() ? "critical,CA:TRUE" : alt_names;
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate, signer.key.get(), EVP_sha256());
  return made;
}

inline Identity make_authority() {
  return make_identity("Test authority", "");
}

// A PEM file for as long as this lives.
class PemFile {
 public:
  explicit PemFile(const Identity& identity) : path_(testing::TempDir() + "exposee-ca-XXXXXX") {
    const int fd = ::mkstemp(path_.data());
    FILE* file = ::fdopen(fd, "w");
    PEM_write_X509(file, identity.certificate.get());
    ::fclose(file);
  }
  ~PemFile() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// What a receiver is configured with. `version`: the only one it speaks, 0: all.
inline ServerContext make_server_context(const Identity& identity, int version = 0) {
  ServerContext context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_use_certificate(context.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
  if (version == TLS1_1_VERSION) SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), version);
  SSL_CTX_set_max_proto_version(context.get(), version);
  return context;
}

// A receiver's end of one TLS connection.
class TestTlsPeer {
 public:
  TestTlsPeer(TestSocket socket, const ServerContext& context)
      : socket_(std::move(socket)), ssl_(SSL_new(context.get())) {
    SSL_set_fd(ssl_.get(), socket_.fd());
    accepted_ = SSL_accept(ssl_.get()) == 1;
    ERR_clear_error();
  }

  bool accepted() const { return accepted_; }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  std::string server_name() const {
    const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
    return name != nullptr ? name : "";
  }

  // Until the text has come whole; what came when the peer ended before.
  std::string read_until(std::string_view end) {
    std::string text;
    char buffer[4096];
    while (text.find(end) == std::string::npos) {
      const int count = SSL_read(ssl_.get(), buffer, sizeof buffer);
      if (count <= 0) break;
      text.append(buffer, static_cast<std::size_t>(count));
    }
    ERR_clear_error();
    return text;
  }
  void write(std::string_view bytes) { SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  void write_plain(std::string_view bytes) { socket_.write(bytes); }  // beside TLS
  void close() {
    SSL_shutdown(ssl_.get());
    socket_.close();
  }

 private:
  TestSocket socket_;
  std::unique_ptr<SSL, FreeWith<SSL_free>> ssl_;
  bool accepted_ = false;
};

}  // namespace exposee::net

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "fakes/test_directory.h"
#include "net/client/test_sender.h"
#include "net/dial/test_tls.h"
#include "net/dial/tls.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// What OpenSSL takes for the system's certificates while this lives: a pipe, so that a test decides when they
// can be read.
class SystemCertificates {
 public:
  SystemCertificates() {
    EXPECT_EQ(::mkfifo(pipe().c_str(), 0600), 0);
    ::setenv("SSL_CERT_FILE", pipe().c_str(), 1);
  }
  ~SystemCertificates() { ::unsetenv("SSL_CERT_FILE"); }
  // Waits for whoever reads them. Who reads them the next time opens another pipe.
  void hand_over(const Identity& authority) {
    FILE* file = ::fopen(pipe().c_str(), "w");
    ::unlink(pipe().c_str());
    EXPECT_EQ(::mkfifo(pipe().c_str(), 0600), 0);
    PEM_write_X509(file, authority.certificate.get());
    ::fclose(file);
  }

 private:
  std::string pipe() const { return directory_.path() + "/pipe"; }
  const fakes::TestDirectory directory_;
};

class SenderTlsTest : public SenderTest {
 protected:
  SenderOptions trusting() {
    auto options = open_to_loopback();
    options.extra_ca_file = ca_file_.path();
    return options;
  }
  TargetRef secure_target(const std::string& host = "localhost", milliseconds timeout = kPatience) {
    return target("https://" + host + ":" + std::to_string(listener_.port()) + "/hook", timeout);
  }
  Identity issued(const std::string& alt_names) { return make_identity("receiver", alt_names, &authority_); }

  // One exchange; the peer goes on.
  TestTlsPeer exchange(const ServerContext& context, std::uint64_t ticket) {
    TestTlsPeer peer(listener_.accept(), context);
    EXPECT_TRUE(peer.accepted());
    EXPECT_THAT(peer.read_until("{\"a\":1}"), StartsWith("POST /hook HTTP/1.1\r\n"));
    peer.write(kOk);
    EXPECT_EQ(sink_.take(ticket).status, 200);
    return peer;
  }

  // The handshake fails, and says so.
  void expect_refused(const ServerContext& context, std::string_view words) {
    const auto ticket = send(secure_target());
    TestTlsPeer peer(listener_.accept(), context);
    const auto response = sink_.take(ticket);
    EXPECT_EQ(response.status, 0);
    EXPECT_EQ(response.cause, Cause::tls);
    EXPECT_THAT(response.detail, HasSubstr(std::string(words)));
  }

  Identity authority_ = make_authority();
  PemFile ca_file_{authority_};
  TestListener listener_;
};

// In TLS 1.2 the receiver's side of the handshake ends with its last word, so that it meets no closed socket.
TEST_F(SenderTlsTest, AJobThatIsWithdrawnDuringTheHandshakeIsGivenBack) {
  start(trusting());
  const auto context = make_server_context(issued("DNS:localhost"), TLS1_2_VERSION);
  const auto to = secure_target();
  const auto ticket = send(to);
  auto accepted = listener_.accept();
  to->withdraw();
  TestTlsPeer peer(std::move(accepted), context);
  EXPECT_TRUE(sink_.takes_back(ticket));
  EXPECT_EQ(peer.read_until("{"), "") << "not a byte of the request";
}

TEST_F(SenderTlsTest, PostsToAReceiverWhoseCertificateIsRight) {
  start(trusting());
  const auto context = make_server_context(issued("DNS:localhost"));
  const auto to = secure_target();
  auto peer = exchange(context, send(to));
  EXPECT_EQ(peer.server_name(), "localhost");
  const auto again = send(to);
  peer.read_until("{\"a\":1}");
  peer.write(kOk);
  const auto response = sink_.take(again);
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.reused);
}

TEST_F(SenderTlsTest, Tls12IsEnough) {
  start(trusting());
  exchange(make_server_context(issued("DNS:localhost"), TLS1_2_VERSION), send(secure_target()));
}

TEST_F(SenderTlsTest, AnAddressIsVerifiedAsAnAddress) {
  start(trusting());
  exchange(make_server_context(issued("IP:127.0.0.1")), send(secure_target("127.0.0.1")));
}

TEST_F(SenderTlsTest, TheTimeOfTheHandshakeIsToldAndSessionsAreResumed) {
  start(trusting());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = make_server_context(issued("DNS:localhost"), version);
    const auto to = secure_target();
    auto first = exchange(context, send(to));
    EXPECT_FALSE(first.resumed());
    first.close();
    while (sender_->open_connections() > 0) sink_.has_within(0, milliseconds(1));
    auto second = exchange(context, send(to));
    EXPECT_TRUE(second.resumed()) << version;
    second.close();
    while (sender_->open_connections() > 0) sink_.has_within(0, milliseconds(1));
  }
}

TEST_F(SenderTlsTest, LargeBodiesGoBothWays) {
  start(trusting());
  const auto context = make_server_context(issued("DNS:localhost"));
  const std::string body = std::string(1024 * 1024, 'x') + "END";
  const auto ticket = send(secure_target(), event(body));
  TestTlsPeer peer(listener_.accept(), context);
  EXPECT_THAT(peer.read_until("END"), EndsWith("\r\n\r\n" + body));
  peer.write("HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n" + std::string(30'000, 'y'));
  EXPECT_EQ(sink_.take(ticket).body.size(), http::kMaxResponseBodyKept);
}

TEST_F(SenderTlsTest, AKeptAliveConnectionThatBreaksIsReplaced) {
  start(trusting());
  const auto context = make_server_context(issued("DNS:localhost"));
  const auto to = secure_target();
  auto old = exchange(context, send(to));
  const auto ticket = send(to);
  old.read_until("{\"a\":1}");
  old.close();
  exchange(context, ticket);
}

TEST_F(SenderTlsTest, ASelfSignedCertificateIsRefused) {
  start(trusting());
  expect_refused(make_server_context(make_identity("receiver", "DNS:localhost")),
                 "Certificate not trusted: self");
}

TEST_F(SenderTlsTest, AnUnknownAuthorityIsRefused) {
  start();
  expect_refused(make_server_context(issued("DNS:localhost")),
                 "Certificate not trusted: unable to get local issuer");
}

TEST_F(SenderTlsTest, ACertificateForAnotherNameIsRefused) {
  start(trusting());
  expect_refused(make_server_context(issued("DNS:other.example")), "Certificate is for another name");
}

TEST_F(SenderTlsTest, Tls11IsRefused) {
  start(trusting());
  expect_refused(make_server_context(issued("DNS:localhost"), TLS1_1_VERSION), "TLS handshake failed: ");
}

TEST_F(SenderTlsTest, TheDotOfTheRootIsNeitherSentNorVerified) {
  start(trusting());
  const auto context = make_server_context(issued("DNS:localhost"));
  EXPECT_EQ(exchange(context, send(secure_target("localhost."))).server_name(), "localhost");
}

TEST_F(SenderTlsTest, ANameThatStandsInTheSubjectAloneIsRefused) {
  start(trusting());
  expect_refused(make_server_context(make_identity("localhost", "DNS:other.example", &authority_)),
                 "Certificate is for another name");
  expect_refused(make_server_context(make_identity("localhost", "IP:127.0.0.1", &authority_)),
                 "Certificate is for another name");
}

TEST_F(SenderTlsTest, AReceiverThatDemandsAClientCertificateSaysSo) {
  start(trusting());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = make_server_context(issued("DNS:localhost"), version);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    expect_refused(context, "the receiver demands a client certificate");
  }
}

TEST_F(SenderTlsTest, WhatBreaksAfterTheHandshakeIsNotToldAsTheHandshakes) {
  start(trusting());
  const auto context = make_server_context(issued("DNS:localhost"));
  for (const std::string record : {"\x17\x03\x03", "HTTP/1.1 200 OK\r\n\r\n"}) {
    const auto ticket = send(secure_target());
    TestTlsPeer peer(listener_.accept(), context);
    peer.read_until("{\"a\":1}");
    peer.write_plain(record == "\x17\x03\x03" ? record + std::string("\0\x20", 2) + std::string(32, 'g')
                                              : record);
    const auto response = sink_.take(ticket);
    EXPECT_EQ(response.cause, Cause::tls);
    EXPECT_THAT(response.detail, StartsWith("TLS failed: "));
  }
}

TEST_F(SenderTlsTest, AnAlertIsToldInItsOwnWords) {
  start(trusting());
  const auto context = make_server_context(issued("DNS:localhost"), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), "ECDHE-RSA-AES128-GCM-SHA256");  // its key is no RSA key
  expect_refused(context, "TLS handshake failed: the receiver refused with the alert 'handshake failure'");
}

TEST_F(SenderTlsTest, ASessionIsNotResumedOnceItsCertificateHasEnded) {
  TlsSession session;
  EXPECT_FALSE(session.may_resume());
  start(trusting());
  const auto context = TlsContext::make(true, ca_file_.path());
  ASSERT_TRUE(context);
  ASSERT_TRUE(context->trust()->add_system());
  const auto server = make_server_context(issued("DNS:localhost"), TLS1_2_VERSION);
  auto socket = connect_to(listener_.port());
  std::thread peer([&] { TestTlsPeer accepted(listener_.accept(), server); });
  auto stream = TlsStream::open(*context, socket.fd(), "localhost", false, session);
  ASSERT_TRUE(stream);
  EXPECT_EQ((*stream)->handshake(), IoState::moved);
  peer.join();
  EXPECT_TRUE(session.may_resume());
  ASSERT_NE(session.chain_ends, nullptr);
  X509_gmtime_adj(session.chain_ends.get(), -1);
  EXPECT_FALSE(session.may_resume());
}

TEST_F(SenderTlsTest, AReceiverWithoutTlsIsRefused) {
  start(trusting());
  const auto ticket = send(secure_target());
  auto peer = listener_.accept();
  peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  const auto response = sink_.take(ticket);
  EXPECT_EQ(response.cause, Cause::tls);
  EXPECT_EQ(response.detail, "TLS handshake failed: the receiver speaks plain HTTP on that port");
}

TEST_F(SenderTlsTest, AHandshakeThatHangsEndsWithTheConnectLimit) {
  auto options = trusting();
  options.connect_timeout = milliseconds(100);
  start(options);
  const auto ticket = send(secure_target());
  auto peer = listener_.accept();
  const auto response = sink_.take(ticket);
  EXPECT_EQ(response.cause, Cause::timeout);
  EXPECT_EQ(response.detail, "The TLS handshake was not finished within 100 ms");
}

TEST_F(SenderTlsTest, AConnectionClosedInTheHandshakeSaysSo) {
  start(trusting());
  const auto ticket = send(secure_target());
  listener_.accept().close();
  EXPECT_EQ(sink_.take(ticket).cause, Cause::tls);
}

TEST_F(SenderTlsTest, TheSystemsCertificatesAreReadForTheFirstWhoNeedsThemAndHoldUpNobodyElse) {
  SystemCertificates system;
  start();
  const auto secure = send(secure_target());
  TestListener plain;
  make_kept_alive(plain, target("http://127.0.0.1:" + std::to_string(plain.port()) + "/hook"));
  EXPECT_FALSE(sink_.has_within(secure, milliseconds(0)));
  system.hand_over(authority_);
  const auto context = make_server_context(issued("DNS:localhost"));
  exchange(context, secure);
  exchange(context, send(secure_target()));
}

TEST_F(SenderTlsTest, WhoWaitsForTheCertificatesMayBeWithdrawn) {
  SystemCertificates system;
  start();
  const auto to = secure_target();
  const auto ticket = send(to), other = send(secure_target());
  to->withdraw();
  EXPECT_TRUE(sink_.takes_back(ticket));
  system.hand_over(authority_);
  exchange(make_server_context(issued("DNS:localhost")), other);
}

TEST_F(SenderTlsTest, WhoFindsNoCertificatesInItsTimeHasNotBegun) {
  SystemCertificates system;
  start();
  EXPECT_EQ(sink_.take_not_begun(send(secure_target("localhost", milliseconds(50)))),
            "This server has run out of a resource: the system's certificates cannot be read");
  system.hand_over(authority_);
}

TEST_F(SenderTlsTest, NewRulesBringTheSystemsCertificatesAnew) {
  SystemCertificates system;
  start();
  const auto first = send(secure_target());
  ASSERT_TRUE(sender_->set_rules(open_to_loopback().policy)) << "while they are read";
  system.hand_over(authority_);
  system.hand_over(authority_);
  const auto context = make_server_context(issued("DNS:localhost"));
  exchange(context, first).close();
  std::jthread handing([&] { system.hand_over(make_authority()); });
  ASSERT_TRUE(sender_->set_rules(open_to_loopback().policy));
  expect_refused(context, "Certificate not trusted: ");
}

TEST_F(SenderTlsTest, VerificationIsOffOnlyByTheSwitch) {
  auto options = open_to_loopback();
  options.verify_tls = false;
  start(options);
  exchange(make_server_context(make_identity("receiver", "DNS:other.example")), send(secure_target()));
}

TEST_F(SenderTlsTest, ACaFileThatCannotBeReadIsAnError) {
  auto options = open_to_loopback();
  options.extra_ca_file = ca_file_.path() + ".missing";
  const auto sender = HttpSender::make(clock_, random_, options);
  ASSERT_FALSE(sender);
  EXPECT_EQ(sender.error().code, ErrorCode::invalid);
  EXPECT_THAT(sender.error().message, HasSubstr(options.extra_ca_file));
}

}  // namespace
}  // namespace exposee::net

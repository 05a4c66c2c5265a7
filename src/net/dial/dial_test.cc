// Names with several addresses, of which some are silent, refuse, or fail in TLS (RFC 8305).
#include "net/dial/dial.h"

#include "net/client/test_sender.h"
#include "net/dial/test_dns.h"
#include "net/dial/test_tls.h"
#include "net/server/test_full_listener.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr auto* kSilent = "127.0.0.77";
constexpr std::string_view kLastOk = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

class DialTest : public SenderTest {
 protected:
  SenderOptions asking_us() {
    auto options = open_to_loopback();
    options.dns_servers = dns_.server();
    options.tick = milliseconds(10);
    return options;
  }
  TargetRef named(const std::string& scheme = "http", milliseconds timeout = kPatience) {
    return target(scheme + "://receiver.test:" + std::to_string(listener_.port()) + "/hook", timeout);
  }
  void answer_look_up(const std::vector<std::string>& v4) {
    for (int i = 0; i < 2; ++i) {
      const auto query = dns_.take_query();
      dns_.answer(query, query.type == kDnsA ? v4 : std::vector<std::string>{});
    }
  }
  Response serve_one(std::uint64_t ticket) {
    auto peer = listener_.accept();
    peer.read_message();
    peer.write(kLastOk);
    return sink_.take(ticket);
  }

  TestDns dns_;
  TestListener listener_;
};

TEST_F(DialTest, ASilentFirstAddressCostsAQuarterOfASecondAndOnlyOnce) {
  start(asking_us());
  FullListener silent(kSilent, listener_.port());
  const auto to = named("http", milliseconds(1'000));
  auto ticket = send(to);
  answer_look_up({kSilent, "127.0.0.1"});
  const auto first = serve_one(ticket);
  EXPECT_EQ(first.status, 200);
  EXPECT_GE(first.timing.connect, kAttemptDelay);
  EXPECT_LT(first.timing.total, milliseconds(1'000));

  ticket = send(to);
  answer_look_up({kSilent, "127.0.0.1"});  // the name is judged anew, and still leads there
  const auto second = serve_one(ticket);
  EXPECT_EQ(second.status, 200);
  EXPECT_LT(second.timing.connect, kAttemptDelay) << "the good address is tried first";
}

TEST_F(DialTest, AGoodAddressThatTheNameNoLongerHasIsNotUsed) {
  start(asking_us());
  const auto to = named();
  auto ticket = send(to);
  answer_look_up({"127.0.0.1"});
  EXPECT_EQ(serve_one(ticket).status, 200);
  ticket = send(to);
  answer_look_up({kSilent});
  EXPECT_EQ(sink_.take(ticket).cause, Cause::connect) << "refused there";
}

TEST_F(DialTest, WhenAllAddressesAreSilentConnectingTimesOut) {
  auto options = asking_us();
  options.connect_timeout = milliseconds(300);
  start(options);
  FullListener silent(kSilent, listener_.port()), another("127.0.0.78", listener_.port());
  const auto ticket = send(named());
  answer_look_up({kSilent, "127.0.0.78"});
  const auto response = sink_.take(ticket);
  EXPECT_EQ(response.cause, Cause::timeout);
  EXPECT_EQ(response.detail, "Connecting timed out after 300 ms");
}

class DialTlsTest : public DialTest {
 protected:
  SenderOptions trusting() {
    auto options = asking_us();
    options.extra_ca_file = ca_file_.path();
    return options;
  }
  void expect_served(std::uint64_t ticket) {
    TestTlsPeer peer(listener_.accept(), context_);
    peer.read_until("{\"a\":1}");
    peer.write(kLastOk);
    EXPECT_EQ(sink_.take(ticket).status, 200);
  }

  Identity authority_ = make_authority();
  PemFile ca_file_{authority_};
  ServerContext context_ = make_server_context(make_identity("receiver", "DNS:receiver.test", &authority_));
};

// It accepts, since a listener's queue does, and never says a word.
TEST_F(DialTlsTest, TheNextAddressIsTriedWhenAHandshakeHangs) {
  start(trusting());
  auto hangs = open_listener(SocketAddress::make(*IpAddress::parse(kSilent), listener_.port()));
  ASSERT_TRUE(hangs);
  const auto ticket = send(named("https", milliseconds(1'000)));
  answer_look_up({kSilent, "127.0.0.1"});
  expect_served(ticket);
}

TEST_F(DialTlsTest, TheNextAddressIsTriedAtOnceWhenAHandshakeFails) {
  auto options = trusting();
  options.connect_timeout = kPatience;
  start(options);
  auto wrong = open_listener(SocketAddress::make(*IpAddress::parse(kSilent), listener_.port()));
  ASSERT_TRUE(wrong);
  const auto ticket = send(named("https"));
  answer_look_up({kSilent, "127.0.0.1"});
  pollfd entry{wrong->get(), POLLIN, 0};
  ASSERT_EQ(::poll(&entry, 1, 10'000), 1);
  TestSocket(Fd(::accept4(wrong->get(), nullptr, nullptr, SOCK_CLOEXEC))).write("no TLS here\r\n");
  expect_served(ticket);
}

class NamesTest : public DialTest {};

TEST_F(NamesTest, AddressesOfOneFamilyServeWhileTheOtherIsMissing) {
  start(asking_us());
  const auto ticket = send(named());
  auto query = dns_.take_query();
  while (query.type != kDnsA) query = dns_.take_query();  // AAAA is never answered
  dns_.answer(query, {"127.0.0.1"});
  const auto response = serve_one(ticket);
  EXPECT_EQ(response.status, 200);
  EXPECT_GE(response.timing.dns, kResolutionDelay);
  EXPECT_LT(response.timing.dns, milliseconds(1'000));
}

TEST_F(NamesTest, TheSecondFamilyIsTriedWhenItComesLate) {
  start(asking_us());
  const auto ticket = send(named());
  std::optional<DnsQuery> v6, v4;
  while (!v6 || !v4) {
    auto query = dns_.take_query();
    (query.type == kDnsA ? v4 : v6) = query;
  }
  dns_.answer(*v6, {"::1"});  // nobody listens there
  EXPECT_FALSE(sink_.has_within(ticket, kResolutionDelay * 2));
  dns_.answer(*v4, {"127.0.0.1"});
  EXPECT_EQ(serve_one(ticket).status, 200);
}

TEST_F(NamesTest, ALateAddressThatIsDeniedRefusesTheNameAsWell) {
  start(asking_us());
  FullListener silent(kSilent, listener_.port());
  const auto ticket = send(named());
  std::optional<DnsQuery> v6, v4;
  while (!v6 || !v4) {
    auto query = dns_.take_query();
    (query.type == kDnsA ? v4 : v6) = query;
  }
  dns_.answer(*v4, {kSilent});
  EXPECT_FALSE(sink_.has_within(ticket, kResolutionDelay * 2));
  dns_.answer(*v6, {"::ffff:169.254.169.254"});
  EXPECT_EQ(sink_.take(ticket).cause, Cause::blocked);
}

// As many as an answer has room for.
TEST_F(NamesTest, ManyAddressesAreTriedOneAfterTheOther) {
  start(asking_us());
  std::vector<std::string> many;
  for (int i = 1; i <= 28; ++i) many.push_back("127.0.1." + std::to_string(i));
  const auto ticket = send(named());
  answer_look_up(many);
  EXPECT_THAT(sink_.take(ticket).detail, HasSubstr("refused"));
}

TEST_F(NamesTest, ASilentNameServerIsAskedLastFromThenOn) {
  TestDns silent;
  auto options = asking_us();
  options.dns_servers = silent.server() + "," + dns_.server();
  start(options);
  const auto to = named();
  auto ticket = send(to);
  answer_look_up({"127.0.0.1"});  // of the second server, once the first has let its time go by
  EXPECT_EQ(serve_one(ticket).status, 200);
  while (silent.asked_within(milliseconds(0))) silent.take_query();
  ticket = send(to);
  answer_look_up({"127.0.0.1"});
  EXPECT_EQ(serve_one(ticket).status, 200);
  EXPECT_FALSE(silent.asked_within(milliseconds(0)));
}

TEST_F(NamesTest, ANameWithADotIsNeverSearchedForBelowOtherDomains) {
  start(asking_us());
  const auto ticket = send(named());
  for (int i = 0; i < 2; ++i) {
    const auto query = dns_.take_query();
    EXPECT_EQ(query.name, "receiver.test");
    dns_.deny(query);
  }
  EXPECT_EQ(sink_.take(ticket).detail, "Name does not resolve");
  EXPECT_FALSE(dns_.asked_within(milliseconds(0)));
}

TEST_F(NamesTest, ASingleLabelIsAskedAsItIs) {
  start(asking_us());
  const auto ticket = send(target("http://receiver:" + std::to_string(listener_.port()) + "/hook"));
  for (int i = 0; i < 2; ++i) {
    const auto query = dns_.take_query();
    EXPECT_EQ(query.name, "receiver");
    dns_.answer(query,
                query.type == kDnsA ? std::vector<std::string>{"127.0.0.1"} : std::vector<std::string>{});
  }
  EXPECT_EQ(serve_one(ticket).status, 200);
}

TEST_F(NamesTest, NothingBelowInvalidIsAskedFor) {
  start(asking_us());
  EXPECT_EQ(sink_.take(send(target("http://no-such-host.invalid/"))).detail, "Name does not resolve");
  EXPECT_FALSE(dns_.asked_within(milliseconds(0)));
}

TEST_F(NamesTest, ANameServerThatCannotBeReachedIsNotTheReceiversFault) {
  auto options = open_to_loopback();
  {
    TestDns gone;
    options.dns_servers = gone.server();
  }
  start(options);
  EXPECT_THAT(sink_.take_not_begun(send(named())), HasSubstr("no name server"));
}

}  // namespace
}  // namespace exposee::net

// Where an attempt may go: names, the addresses they lead to, and our own listeners.
#include "net/client/test_sender.h"
#include "net/dial/test_dns.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class SenderNamesTest : public SenderTest {
 protected:
  SenderOptions asking_us() {
    auto options = open_to_loopback();
    options.dns_servers = dns_.server();
    return options;
  }
  std::string url(const std::string& host) {
    return "http://" + host + ":" + std::to_string(listener_.port()) + "/hook";
  }

  void answer(const DnsQuery& query, const std::vector<std::string>& v4, const std::vector<std::string>& v6,
              std::size_t cnames = 0) {
    dns_.answer(query, query.type == kDnsA ? v4 : v6, cnames);
  }
  // Answers the A and the AAAA query of one look-up, in the order they come.
  void answer_look_up(const std::vector<std::string>& v4, const std::vector<std::string>& v6,
                      std::size_t cnames = 0) {
    for (int i = 0; i < 2; ++i) {
      answer(dns_.take_query(), v4, v6, cnames);
    }
  }
  void expect(std::uint64_t ticket, Cause cause, std::string_view words) {
    const auto response = sink_.take(ticket);
    EXPECT_EQ(response.status, 0);
    EXPECT_EQ(response.cause, cause);
    EXPECT_THAT(response.detail, HasSubstr(std::string(words)));
    EXPECT_EQ(response.remote_address, "");
  }
  void serve_one(std::uint64_t ticket) {
    auto peer = listener_.accept();
    peer.read_message();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(sink_.take(ticket).status, 200);
  }

  TestDns dns_;
  TestListener listener_;
};

TEST_F(SenderNamesTest, LocalhostIsThisMachineWithoutAskingAnybody) {
  start(asking_us());
  for (const auto* name : {"localhost", "hooks.localhost", "localhost."}) {
    SCOPED_TRACE(name);
    serve_one(send(target(url(name))));
  }
}

TEST_F(SenderNamesTest, ANameIsLookedUpAnewForEveryConnection) {
  start(asking_us());
  const auto to = target(url("receiver.test"));
  for (int i = 0; i < 2; ++i) {
    const auto ticket = send(to);
    answer_look_up({"127.0.0.1"}, {});
    serve_one(ticket);
  }
}

TEST_F(SenderNamesTest, LookUpsOfOneNameAtOneTimeShareOneFlight) {
  start(asking_us());
  const auto to = target(url("receiver.test"));
  const auto first = send(to);
  const auto query = dns_.take_query();
  const auto second = send(to);
  EXPECT_FALSE(sink_.has_within(second, milliseconds(20)));
  const auto other = dns_.take_query();
  for (const auto& each : {query, other}) answer(each, {"127.0.0.1"}, {});
  auto a = listener_.accept(), b = listener_.accept();
  a.write(kOk);
  b.write(kOk);
  sink_.take(first);
  sink_.take(second);
  EXPECT_FALSE(dns_.asked_within(milliseconds(0)));
}

TEST_F(SenderNamesTest, ANameThatDoesNotExistSaysSo) {
  start(asking_us());
  const auto ticket = send(target(url("receiver.test")));
  while (!sink_.has_within(ticket, milliseconds(5))) {
    if (dns_.asked_within(milliseconds(5))) dns_.deny(dns_.take_query());
  }
  expect(ticket, Cause::dns, "Name does not resolve");
}

TEST_F(SenderNamesTest, ANameWithoutAddressesDoesNotResolve) {
  start(asking_us());
  const auto ticket = send(target(url("receiver.test")));
  while (!sink_.has_within(ticket, milliseconds(5))) {
    if (dns_.asked_within(milliseconds(5))) dns_.answer(dns_.take_query(), {});
  }
  expect(ticket, Cause::dns, "Name does not resolve");
}

TEST_F(SenderNamesTest, ANameServerThatIsSilentIsNotWaitedForLong) {
  auto options = asking_us();
  options.dns_timeout = milliseconds(150);
  start(options);
  const auto ticket = send(target(url("receiver.test")));
  expect(ticket, Cause::dns, "Name does not resolve: no answer within 150 ms");
}

TEST_F(SenderNamesTest, TheAttemptsDeadlineHoldsForTheNameToo) {
  start(asking_us());
  const auto ticket = send(target(url("receiver.test"), milliseconds(100)));
  expect(ticket, Cause::timeout, "Timed out after 100 ms");
  answer_look_up({"127.0.0.1"}, {});  // comes too late for anyone
  EXPECT_FALSE(listener_.pending_within(milliseconds(50)));
}

TEST_F(SenderNamesTest, EightAliasesAreFollowedNineAreNot) {
  start(asking_us());
  const auto to = target(url("receiver.test"));
  const auto eight = send(to);
  answer_look_up({"127.0.0.1"}, {}, 8);
  serve_one(eight);
  const auto nine = send(to);
  answer_look_up({"127.0.0.1"}, {}, 9);
  expect(nine, Cause::dns, "aliases");
}

TEST_F(SenderNamesTest, TheNextAddressIsTriedWhenOneRefuses) {
  start(asking_us());
  const auto ticket = send(target(url("receiver.test")));
  answer_look_up({"127.0.0.77", "127.0.0.1", "127.0.0.78"}, {});  // only one of them is listened on
  serve_one(ticket);
}

TEST_F(SenderNamesTest, WhenAllAddressesRefuseTheLastWordCounts) {
  start(asking_us());
  const auto ticket = send(target(url("receiver.test")));
  answer_look_up({"127.0.0.77", "127.0.0.78"}, {});
  expect(ticket, Cause::connect, "Connection refused");
}

TEST_F(SenderNamesTest, OneDeniedAddressRefusesTheName) {
  start(asking_us());
  const auto ticket = send(target(url("receiver.test")));
  answer_look_up({"127.0.0.1", "169.254.169.254"}, {});
  expect(ticket, Cause::blocked, "169.254.169.254");
  EXPECT_FALSE(listener_.pending_within(milliseconds(20)));
}

TEST_F(SenderNamesTest, PrivateAddressesAreBlockedUnlessThePolicyOpensThem) {
  auto options = asking_us();
  options.policy = {};
  start(options);
  expect(send(target(url("127.0.0.1"))), Cause::blocked, "127.0.0.1");
  expect(send(target(url("localhost"))), Cause::blocked, "localhost");
  const auto ticket = send(target(url("receiver.example.com")));
  answer_look_up({"10.0.0.1"}, {"fd00::1"});
  const auto response = sink_.take(ticket);
  EXPECT_EQ(response.cause, Cause::blocked);
  EXPECT_FALSE(response.detail.empty());
}

TEST_F(SenderNamesTest, WhatTakesPublicReceiversOnlyNeverConnectsToPrivateOnes) {
  auto options = asking_us();
  options.policy.allow_hosts = {"receiver.test"};
  start(options);
  const auto public_only = [&](const std::string& host) {
    auto target = std::make_shared<Target>();
    target->url = parse_url(url(host)).value();
    target->keys.push_back(*SigningKey::parse(kTestSecret));
    target->timeout = kPatience;
    target->public_only = true;
    return target;
  };
  const auto rebound = send(public_only("receiver.test"));
  answer_look_up({"127.0.0.1"}, {});
  expect(rebound, Cause::blocked, "the endpoint takes public receivers only");
  expect(send(public_only("localhost")), Cause::blocked, "the endpoint takes public receivers only");
  // Nor on a connection that another endpoint has opened there.
  const auto free = send(target(url("receiver.test")));
  answer_look_up({"127.0.0.1"}, {});
  auto peer = listener_.accept();
  peer.read_message();
  peer.write(kOk);
  EXPECT_EQ(sink_.take(free).status, 200);
  const auto beside = send(public_only("receiver.test"));
  answer_look_up({"127.0.0.1"}, {});
  expect(beside, Cause::blocked, "the endpoint takes public receivers only");
}

TEST_F(SenderNamesTest, HttpsOnlyHoldsAtTheMomentOfConnecting) {
  auto options = open_to_loopback();
  options.policy.https_only = true;
  start(options);
  EXPECT_EQ(sink_.take(send(target(url("127.0.0.1")))).cause, Cause::blocked);
}

TEST_F(SenderNamesTest, OurOwnListenersAreNeverReached) {
  start(asking_us());
  sender_->refuse_own_listeners({{"0.0.0.0", listener_.port()}});
  for (const auto* host : {"127.0.0.1", "127.0.0.9", "localhost", "[::1]", "0.0.0.0"}) {
    expect(send(target(url(host))), Cause::blocked,
           host == std::string("0.0.0.0") ? "0.0.0.0" : "Exposee's own address");
  }
  const auto named = send(target(url("receiver.test")));
  answer_look_up({"127.0.0.1"}, {});
  expect(named, Cause::blocked, "Exposee's own address");
  EXPECT_FALSE(listener_.pending_within(milliseconds(0)));

  TestListener other;
  make_kept_alive(other, target(other.url()));  // another port of this machine is somebody else
}

TEST_F(SenderNamesTest, ServersThatMakeNoSenseAreAnError) {
  auto options = open_to_loopback();
  options.dns_servers = "not an address";
  const auto sender = HttpSender::make(clock_, random_, options);
  ASSERT_FALSE(sender);
  EXPECT_EQ(sender.error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace exposee::net

// What tests of net/client share: a sink to wait on, and a fixture that sends one event to a URL.
#pragma once

#include <gmock/gmock.h>

#include <condition_variable>
#include <map>
#include <mutex>

#include "net/client/sender.h"
#include "net/client/test_doors.h"
#include "net/loop/test_socket.h"

namespace exposee::net {

class TestSink final : public SendSink {
 public:
  void answered(std::vector<SendResult>&& results) override {
    std::lock_guard lock(mutex_);
    for (auto& result : results) {
      const auto ticket = result.ticket;
      EXPECT_TRUE(results_.emplace(ticket, std::move(result)).second) << "answered twice: " << ticket;
    }
    came_.notify_all();
  }

  bool has_within(std::uint64_t ticket, std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, wait, [&] { return results_.contains(ticket); });
  }

  Response take(std::uint64_t ticket) {
    auto result = take_result(ticket);
    EXPECT_EQ(result.outcome, SendOutcome::answered) << result.response.detail;
    return std::move(result.response);
  }

  bool takes_back(std::uint64_t ticket) { return take_result(ticket).outcome == SendOutcome::withdrawn; }
  // Why it has not begun; empty: it has.
  std::string take_not_begun(std::uint64_t ticket) {
    auto result = take_result(ticket);
    return result.outcome == SendOutcome::not_begun ? result.response.detail : "";
  }

 private:
  SendResult take_result(std::uint64_t ticket) {
    EXPECT_TRUE(has_within(ticket, kPatience)) << "no response for ticket " << ticket;
    std::lock_guard lock(mutex_);
    auto node = results_.extract(ticket);
    return node ? std::move(node.mapped()) : SendResult{};
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::map<std::uint64_t, SendResult> results_;
};

inline const std::string kTestSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class SenderTest : public testing::Test {
 protected:
  static SenderOptions open_to_loopback() {
    SenderOptions options;
    options.policy.allow_private = true;
    return options;
  }

  void start(SenderOptions options = open_to_loopback()) {
    auto sender = HttpSender::make(clock_, random_, std::move(options));
    ASSERT_TRUE(sender) << sender.error().message;
    sender_ = std::move(*sender);
  }

  static TargetRef target(const std::string& url, std::chrono::milliseconds timeout = kPatience,
                          EndpointNumber endpoint = {}) {
    auto target = std::make_shared<Target>();
    target->endpoint = endpoint;
    auto parsed = parse_url(url);
    EXPECT_TRUE(parsed) << url;
    if (parsed) target->url = *parsed;
    target->keys.push_back(*SigningKey::parse(kTestSecret));
    target->timeout = timeout;
    return target;
  }

  static EventRef event(std::string body = "{\"a\":1}", std::string type = "user_registered") {
    auto event = std::make_shared<Event>();
    event->body = std::move(body);
    event->type_name = std::move(type);
    return event;
  }

  // Gives back the ticket to wait for.
  std::uint64_t send(TargetRef to, EventRef what = event(), std::uint32_t max_in_flight = 0,
                     bool takes_last_place = false) {
    SendJob job;
    job.ticket = ++last_ticket_;
    job.target = std::move(to);
    job.message_id = "msg_1";
    job.event = std::move(what);
    job.max_in_flight = max_in_flight;
    job.takes_last_place = takes_last_place;
    std::vector<SendJob> jobs;
    jobs.push_back(std::move(job));
    sender_->send(std::move(jobs), sink_);
    return last_ticket_;
  }

  // A connection on which one exchange is over, so that it rests in the sender's pool.
  TestSocket make_kept_alive(TestListener& listener, const TargetRef& to) {
    const auto ticket = send(to);
    auto peer = listener.accept();
    peer.read_message();
    peer.write(kOk);
    EXPECT_EQ(sink_.take(ticket).status, 200);
    return peer;
  }

  TestClock clock_;
  TestRandom random_;
  TestSink sink_;
  std::uint64_t last_ticket_ = 0;
  std::unique_ptr<HttpSender> sender_;
};

}  // namespace exposee::net

#include "app/log/log_observer.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <sstream>

namespace exposee::app {
namespace {

using testing::HasSubstr;
using testing::Not;

class FixedClock final : public Clock {
 public:
  Instant now() const override { return from_micros(1'746'590'590'779'082); }
  Duration monotonic() const override { return {}; }
};

class LogObserverTest : public testing::Test {
 protected:
  LogObserverTest() {
    event_.type_name = "user_registered";
    event_.body = "the body that was sent";
    endpoint_.url = "http://shop.example/hook?token=hunter2";
    endpoint_.secret = "whsec_c2VjcmV0";
    response_.status = 500;
    response_.body = "the receiver's words";
    response_.remote_address = "203.0.113.5:80";
    response_.timing = {Duration{1500}, {}, {}, Duration{2000}, Duration{41'250}};
  }

  AttemptNote note(Cause cause, DeliveryStatus status) {
    AttemptNote note;
    note.key = {EventSeq{(1ull << kCountBits) | 7}, EndpointNumber{3}};
    note.event = &event_;
    note.endpoint = &endpoint_;
    note.attempt = 2;
    note.response = &response_;
    note.cause = cause;
    note.status = status;
    return note;
  }

  // Lines of one observer at this level, whatever `act` shows it.
  template <class Act>
  std::string lines(LogLevel level, Act act) {
    std::ostringstream out;
    FixedClock clock;
    Log log({level, true}, out, clock);
    LogObserver observer(log);
    act(observer);
    return out.str();
  }

  Event event_;
  Endpoint endpoint_;
  Response response_;
};

TEST_F(LogObserverTest, AFailedAttemptIsOneWideLineAtInfo) {
  AttemptNote failed = note(Cause::http, DeliveryStatus::pending);
  failed.next_at = from_micros(1'746'590'595'000'000);
  const std::string line = lines(LogLevel::info, [&](Observer& o) { o.attempt_finished(failed); });
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  for (const std::string& part :
       {std::string(R"("level":"info","message":"attempt failed")"),
        "\"delivery_id\":\"" + delivery_id_text(failed.key) + "\"",
        "\"event_id\":\"" + event_.id.text() + "\"", "\"endpoint_id\":\"" + endpoint_.id.text() + "\"",
        std::string(R"("event":"user_registered")"), std::string(R"("url":"http://shop.example/hook")"),
        std::string(R"("attempt":2,"status":"pending","cause":"http","status_code":500)"),
        std::string(R"("remote_address":"203.0.113.5:80","connection_reused":false)"),
        std::string(R"("dns_ms":1.500,"first_byte_ms":2.000,"total_ms":41.250)"),
        std::string(R"("next_at":"2025-05-07T04:03:15.000000+00:00")")}) {
    EXPECT_THAT(line, HasSubstr(part));
  }
}

TEST_F(LogObserverTest, ASuccessIsALineAtDebugOnly) {
  const AttemptNote succeeded = note(Cause::none, DeliveryStatus::succeeded);
  const auto act = [&](Observer& o) { o.attempt_finished(succeeded); };
  EXPECT_EQ(lines(LogLevel::info, act), "");
  const std::string line = lines(LogLevel::debug, act);
  EXPECT_THAT(line, HasSubstr(R"("level":"debug","message":"attempt succeeded")"));
  EXPECT_THAT(line, Not(HasSubstr("cause")));
}

TEST_F(LogObserverTest, NoLineHoldsSecretsPayloadsOrQueries) {
  endpoint_.disabled_reason = "410";
  const std::string all = lines(LogLevel::trace, [&](Observer& o) {
    o.attempt_finished(note(Cause::http, DeliveryStatus::exhausted));
    o.attempt_finished(note(Cause::none, DeliveryStatus::succeeded));
    o.endpoint_disabled(endpoint_);
    o.turn_committed({1, 2, 3, Duration{4}});
  });
  for (const char* secret :
       {"hunter2", "whsec_", "c2VjcmV0", "the body that was sent", "the receiver's words"}) {
    EXPECT_THAT(all, Not(HasSubstr(secret)));
  }
  EXPECT_EQ(std::ranges::count(all, '\n'), 4);
}

TEST_F(LogObserverTest, AStoreThatStaysAwayIsSaidOnceAndItsReturnToo) {
  const Error away{ErrorCode::unavailable, "The store cannot be written", "Look at the disk"};
  const std::string all = lines(LogLevel::info, [&](Observer& o) {
    o.store_recovered();
    o.store_failed(away);
    o.store_failed(away);
    o.store_recovered();
    o.store_recovered();
    o.store_failed(away);
  });
  EXPECT_EQ(std::ranges::count(all, '\n'), 3);
  EXPECT_THAT(all, HasSubstr(R"("level":"error")"));
  EXPECT_THAT(all, HasSubstr(R"("level":"info","message":"the database can be written again")"));
}

TEST_F(LogObserverTest, WhatThisMachineLacksIsSaidLoudlyAndOnceInTenSeconds) {
  const Instant begin = from_micros(1'746'590'590'000'000);
  const std::string all = lines(LogLevel::error, [&](Observer& o) {
    for (int second = 0; second < 25; ++second) {
      o.attempt_not_begun(endpoint_, "Too many open files", begin + std::chrono::seconds(second));
    }
  });
  EXPECT_EQ(std::ranges::count(all, '\n'), 3);
  EXPECT_THAT(all, HasSubstr(R"("error":"Too many open files","attempts":1)"));
  EXPECT_THAT(all, HasSubstr(R"("attempts":10)"));
}

TEST_F(LogObserverTest, WhatOverflowsIsSaidOnceAMinuteWithTheEndpoint) {
  const Instant begin = from_micros(1'746'590'590'000'000);
  const std::string all = lines(LogLevel::warn, [&](Observer& o) {
    for (int second = 0; second < 90; ++second)
      o.delivery_overflowed(endpoint_, begin + std::chrono::seconds(second));
  });
  EXPECT_EQ(std::ranges::count(all, '\n'), 2);
  EXPECT_THAT(all, HasSubstr(R"("deliveries":60,"endpoint_id":"ep_)"));
}

TEST_F(LogObserverTest, ADeliveryWhoseEventIsDamagedHasALineOfItsOwn) {
  const std::string all = lines(LogLevel::info, [&](Observer& o) {
    for (const std::uint64_t n : {7u, 8u}) o.delivery_unreadable({EventSeq{n}, endpoint_.number}, endpoint_);
  });
  EXPECT_EQ(std::ranges::count(all, '\n'), 2);
  EXPECT_THAT(all, HasSubstr(delivery_id_text({EventSeq{8}, endpoint_.number})));
  EXPECT_THAT(all, HasSubstr(R"("cause":"damaged")"));
}

TEST_F(LogObserverTest, AChangeSaysWhoWhatAndWhere) {
  const auto endpoint = std::make_shared<const Endpoint>(endpoint_);
  const Requester by{"127.0.0.1:5", "req-7"};
  const std::string all = lines(LogLevel::info, [&](Observer& o) {
    o.registry_changed({RegistryChange::endpoint_removed, endpoint, "", by});
    o.registry_changed({RegistryChange::type_declared, nullptr, "order.paid", {}});
    o.registry_changed({RegistryChange::type_removed, nullptr, "order.pad", by});
  });
  EXPECT_THAT(all, HasSubstr(R"("level":"info","message":"endpoint removed","endpoint_id":")" +
                             endpoint_.id.text() + R"(","url":"http://shop.example/hook")" +
                             R"(,"peer":"127.0.0.1:5","request_id":"req-7"})"));
  EXPECT_THAT(all, HasSubstr(R"("message":"event type declared","event":"order.paid"})"));
  EXPECT_THAT(all, HasSubstr(R"("message":"event type removed","event":"order.pad","peer":"127.0.0.1:5")"));
  EXPECT_THAT(all, Not(HasSubstr("hunter2")));
}

TEST_F(LogObserverTest, ACallIsALineAtDebug) {
  const CallDetails details{"GET", "/users", {"127.0.0.1:5", ""}};
  const CallNote note{.status = 200, .bytes = 12, .took = Duration{1500}, .details = &details};
  std::ostringstream out;
  const FixedClock clock;
  Log log({LogLevel::debug, true}, out, clock);
  LogObserver(log).call_answered(note);
  EXPECT_THAT(out.str(), HasSubstr(R"("level":"debug","message":"call","method":"GET","path":"/users",)"
                                   R"("status_code":200,"bytes":12,"duration_ms":1.500,"peer":"127.0.0.1:5"})"));
}

TEST_F(LogObserverTest, AReplyThatWasCutOffIsSeenFromTheLineOfItsCall) {
  const CallDetails details{"GET", "/users", {}};
  const CallNote note{.status = 200, .bytes = 12, .whole = false, .details = &details};
  std::ostringstream out;
  const FixedClock clock;
  Log log({LogLevel::debug, true}, out, clock);
  LogObserver(log).call_answered(note);
  EXPECT_THAT(out.str(), HasSubstr(R"("duration_ms":0.000,"cut_off":true})"));
  LogObserver(log).reply_cut_off("/users", {ErrorCode::unavailable, "disk I/O error", "Look at the disk."});
  EXPECT_THAT(out.str(), HasSubstr(R"("level":"error","message":"a reply was cut off in its middle)"));
  EXPECT_THAT(out.str(),
              HasSubstr(R"("path":"/users","error":"disk I/O error","hint":"Look at the disk."})"));
}

TEST_F(LogObserverTest, HostsThatAreRefusedAreOneWarningAMinuteWithTheWayOut) {
  std::ostringstream out;
  const FixedClock clock;
  Log log({LogLevel::info, true}, out, clock);
  LogObserver observer(log);
  for (int call = 0; call < 90; ++call) {
    observer.host_refused(std::string(20'000, 'a'), clock.now() + std::chrono::seconds(call));
  }
  const std::string all = out.str();
  EXPECT_EQ(std::ranges::count(all, '\n'), 2);
  EXPECT_LT(all.size(), 1'200u);
  EXPECT_THAT(
      all,
      HasSubstr(R"("level":"warn","message":"calls were refused: their Host header names another server")"));
  EXPECT_THAT(all, HasSubstr(R"("calls":60,"hint":"If this name is the server's, set server.public_url)"));
}

TEST_F(LogObserverTest, ConnectionsThatWaitToBeAcceptedAreALineEveryTenSecondsWithTheWayOut) {
  const struct {
    int error;
    const char *words, *way_out;
  } rows[] = {{EMFILE, "Too many open files", "LimitNOFILE="},
              {ENFILE, "Too many open files in system", "fs.file-max"},
              {ENOBUFS, "No buffer space available", "more memory"}};
  for (const auto& [error, words, way_out] : rows) {
    const std::string all = lines(LogLevel::info, [&](Observer& o) {
      const auto now = from_micros(1'700'000'000'000'000);
      for (int n = 0; n < 40; ++n) static_cast<LogObserver&>(o).accept_failed(error, now + std::chrono::milliseconds(250 * n));
      static_cast<LogObserver&>(o).accept_failed(error, now + std::chrono::seconds(10));
    });
    EXPECT_EQ(std::ranges::count(all, '\n'), 2) << all;
    EXPECT_THAT(all, HasSubstr(R"("level":"warn","message":"connections cannot be accepted)"));
    EXPECT_THAT(all, HasSubstr(words));
    EXPECT_THAT(all, HasSubstr(way_out));
    EXPECT_THAT(all, HasSubstr(R"("tries":40)"));
  }
}

TEST_F(LogObserverTest, ADisabledEndpointIsAWarning) {
  endpoint_.disabled_reason = "The receiver answered 410 Gone";
  const std::string line = lines(LogLevel::info, [&](Observer& o) { o.endpoint_disabled(endpoint_); });
  EXPECT_THAT(line, HasSubstr(R"("level":"warn","message":"endpoint disabled")"));
  EXPECT_THAT(line, HasSubstr(R"("reason":"The receiver answered 410 Gone")"));
}

TEST_F(LogObserverTest, ABreakerThatOpensOrClosesIsALineForThoseWhoWaitForAnEvent) {
  const struct {
    bool open;
    const char *level, *words;
  } rows[] = {{true, R"("level":"warn")", "circuit breaker open"},
              {false, R"("level":"info")", "circuit breaker closed"}};
  for (const auto& [open, level, words] : rows) {
    const std::string line = lines(LogLevel::info, [&](Observer& o) { o.breaker_changed(endpoint_, open); });
    EXPECT_THAT(line, HasSubstr(words));
    EXPECT_THAT(line, HasSubstr(level));
    EXPECT_THAT(line, HasSubstr(endpoint_.id.text()));
    EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  }
}

TEST_F(LogObserverTest, AHoldIsALineAsItBeginsAndOneOnceItIsOver) {
  const std::string begun = lines(
      LogLevel::info, [&](Observer& o) { o.hold_changed(endpoint_, from_micros(1'746'590'650'000'000)); });
  EXPECT_THAT(begun, HasSubstr(R"--("level":"info","message":"endpoint held: its receiver asked for no requests (Retry-After)")--"));
  EXPECT_THAT(begun, HasSubstr(R"("url":"http://shop.example/hook","held_until":"2025-05-07T04:04:10.000000+00:00")"));
  const std::string over = lines(LogLevel::info, [&](Observer& o) {
    o.hold_changed(endpoint_, std::nullopt); });
  EXPECT_THAT(over, HasSubstr(R"("level":"info","message":"endpoint no longer held")"));
  for (const auto& line : {begun, over}) {
    EXPECT_THAT(line, HasSubstr(endpoint_.id.text()));
    EXPECT_EQ(std::ranges::count(line, '\n'), 1);
    EXPECT_THAT(line, Not(HasSubstr("hunter2")));
  }
}

TEST_F(LogObserverTest, AFailedAttemptTellsItsRetryAfterCutShort) {
  response_.retry_after = "120";
  const auto act = [&](Observer& o) { o.attempt_finished(note(Cause::http, DeliveryStatus::pending)); };
  EXPECT_THAT(lines(LogLevel::info, act),
              HasSubstr(R"("status_code":500,"retry_after":"120","remote_address")"));
  response_.retry_after = std::string(5000, '9');
  EXPECT_LT(lines(LogLevel::info, act).size(), 800u);
}

TEST_F(LogObserverTest, WhereARedirectLeadsIsSaidWithoutItsQuery) {
  response_.detail = "The receiver redirects to https://new.example/hook?token=hunter2";
  const std::string line = lines(
      LogLevel::info, [&](Observer& o) { o.attempt_finished(note(Cause::http, DeliveryStatus::pending)); });
  EXPECT_THAT(line, HasSubstr(R"("error":"The receiver redirects to https://new.example/hook")"));
}

}  // namespace
}  // namespace exposee::app

#include "observe/engine_meter.h"

#include <gtest/gtest.h>

#include "core/causes.h"
#include "observe/test_page.h"

namespace exposee::observe {
namespace {

constexpr Instant kAccepted = from_micros(1'746'590'590'000'000);

class EngineMeterTest : public testing::Test {
 protected:
  EngineMeterTest() { event_.accepted_at = kAccepted; }

  void attempt(Cause cause, int status, DeliveryStatus delivery, std::uint32_t number = 1,
               Duration took = Duration{1'000}) {
    Response response;
    response.status = status;
    response.cause = status == 0 ? cause : Cause::none;
    response.started_at = kAccepted + Duration{500};
    response.timing.total = took;
    meter_.attempt_finished({.event = &event_,
                             .endpoint = &endpoint_,
                             .attempt = number,
                             .response = &response,
                             .cause = cause,
                             .status = delivery});
  }
  TestPage page() const { return TestPage::of(meter_); }

  Event event_;
  Endpoint endpoint_;
  EngineMeter meter_;
};

TEST_F(EngineMeterTest, EachAttemptCountsOnceByItsResult) {
  for (int i = 0; i < 5; ++i) attempt(Cause::none, 204, DeliveryStatus::succeeded);
  for (int i = 0; i < 3; ++i) attempt(Cause::http, 503, DeliveryStatus::pending);
  attempt(Cause::http, 404, DeliveryStatus::exhausted, 8);
  attempt(Cause::timeout, 0, DeliveryStatus::pending);
  attempt(Cause::dns, 0, DeliveryStatus::cancelled);
  const auto got = page();
  EXPECT_EQ(got.at(R"(exposee_attempts_total{result="succeeded"})"), "5");
  EXPECT_EQ(got.at(R"(exposee_attempts_total{result="http"})"), "4");
  EXPECT_EQ(got.at(R"(exposee_attempts_total{result="timeout"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_attempts_total{result="dns"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_attempts_total{result="tls"})"), "0") << "there before it happens";
  EXPECT_EQ(got.at(R"(exposee_responses_total{status_class="2xx"})"), "5");
  EXPECT_EQ(got.at(R"(exposee_responses_total{status_class="4xx"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_responses_total{status_class="5xx"})"), "3");
  EXPECT_EQ(got.at(R"(exposee_deliveries_finished_total{outcome="succeeded"})"), "5");
  EXPECT_EQ(got.at(R"(exposee_deliveries_finished_total{outcome="exhausted"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_deliveries_finished_total{outcome="cancelled"})"), "1");
  EXPECT_EQ(got.at("exposee_attempt_duration_seconds_count"), "11");
  EXPECT_EQ(got.at("exposee_attempt_duration_seconds_sum"), "0.011");
}

TEST_F(EngineMeterTest, EveryCauseOfAnAttemptCountsAsItselfAndTheOthersAreNoResults) {
  for (int number = 1; number <= static_cast<int>(kLastCause); ++number) {
    const auto cause = static_cast<Cause>(number);
    for (int i = 0; i < number; ++i) attempt(cause, 0, DeliveryStatus::pending);
  }
  const auto got = page();
  for (int number = 1; number <= static_cast<int>(kLastCause); ++number) {
    const auto cause = static_cast<Cause>(number);
    const std::string name = "exposee_attempts_total{" + result_label(cause) + "}";
    EXPECT_EQ(got.has(name), is_of_attempt(cause)) << name;
    if (is_of_attempt(cause)) {
      EXPECT_EQ(got.at(name), std::to_string(number)) << name;
    }
  }
}

TEST_F(EngineMeterTest, ADeliveryWhoseEventCannotBeReadCountsAsDamaged) {
  meter_.delivery_unreadable({EventSeq{1}, EndpointNumber{1}}, endpoint_);
  EXPECT_EQ(page().at(R"(exposee_attempts_total{result="damaged"})"), "1");
  EXPECT_EQ(page().at("exposee_attempt_duration_seconds_count"), "0");
}

TEST_F(EngineMeterTest, LatencyIsFromAcceptanceToReceiptOfFirstAttemptsThatSucceeded) {
  attempt(Cause::none, 200, DeliveryStatus::succeeded, 1, Duration{1'500});
  attempt(Cause::none, 200, DeliveryStatus::succeeded, 2);
  attempt(Cause::http, 500, DeliveryStatus::pending, 1);
  EXPECT_EQ(page().at("exposee_delivery_latency_seconds_count"), "1");
  EXPECT_EQ(page().at("exposee_delivery_latency_seconds_sum"), "0.002");
}

TEST_F(EngineMeterTest, AClockThatWasSetBackMakesNoLatencyNegative) {
  event_.accepted_at = kAccepted + Duration{10'000'000};
  attempt(Cause::none, 200, DeliveryStatus::succeeded);
  EXPECT_EQ(page().at("exposee_delivery_latency_seconds_sum"), "0");
  EXPECT_EQ(page().at(R"(exposee_delivery_latency_seconds_bucket{le="0.000256"})"), "1");
}

TEST_F(EngineMeterTest, CommitsAndTheirEventsAddUp) {
  meter_.turn_committed({.events = 3, .commit = Duration{2'000}});
  meter_.turn_committed({.attempts = 5, .commit = Duration{1'000}, .exhausted = 2, .cancelled = 1});
  meter_.turn_ended({.took = Duration{4'000}, .pending = 9, .in_flight = 4, .given_up = 6});
  const auto got = page();
  EXPECT_EQ(got.at("exposee_events_accepted_total"), "3");
  EXPECT_EQ(got.at("exposee_commit_duration_seconds_count"), "2");
  EXPECT_EQ(got.at("exposee_commit_duration_seconds_sum"), "0.003");
  EXPECT_EQ(got.at("exposee_commit_events_count"), "1") << "of those that accepted any";
  EXPECT_EQ(got.at(R"(exposee_commit_events_bucket{le="2"})"), "0");
  EXPECT_EQ(got.at(R"(exposee_commit_events_bucket{le="4"})"), "1");
  EXPECT_EQ(got.at("exposee_turn_duration_seconds_sum"), "0.004");
  EXPECT_EQ(got.at("exposee_deliveries_pending"), "9");
  EXPECT_EQ(got.at("exposee_deliveries_in_flight"), "4");
  EXPECT_EQ(got.at(R"(exposee_deliveries_finished_total{outcome="exhausted"})"), "2");
  EXPECT_EQ(got.at(R"(exposee_deliveries_finished_total{outcome="cancelled"})"), "7");
}

TEST_F(EngineMeterTest, HousekeepingThatFailsIsShownByItsKind) {
  EXPECT_EQ(page().at(R"(exposee_housekeeping_failing{chore="retention"})"), "0") << "there before it happens";
  meter_.chore_failed(ChoreKind::retention, {});
  meter_.chore_failed(ChoreKind::sift, {});
  meter_.chore_recovered(ChoreKind::sift);
  meter_.chore_failed(ChoreKind::sift, {});
  meter_.chore_recovered(ChoreKind::sift);
  const auto got = page();
  EXPECT_EQ(got.at(R"(exposee_housekeeping_failing{chore="retention"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_housekeeping_failing{chore="sift"})"), "0");
  EXPECT_EQ(got.at(R"(exposee_housekeeping_failures_total{chore="sift"})"), "2");
  EXPECT_EQ(got.at(R"(exposee_housekeeping_failures_total{chore="checkpoint"})"), "0");
}

TEST_F(EngineMeterTest, TheStoreAndTheEndpointsAreShownAsTheyAreNow) {
  meter_.store_failed({});
  EXPECT_EQ(page().at("exposee_store_failing"), "1");
  meter_.store_recovered();
  Census census;
  census.endpoints[static_cast<std::size_t>(EndpointStatus::held)] = 2;
  census.waiting[static_cast<std::size_t>(LaneStop::breaker)] = 40;
  census.open_breakers = 3;
  meter_.endpoints_counted(census);
  meter_.breaker_changed(endpoint_, true);
  meter_.breaker_changed(endpoint_, false);
  meter_.endpoint_disabled(endpoint_);
  meter_.attempt_not_begun(endpoint_, "Too many open files", kAccepted);
  const auto got = page();
  EXPECT_EQ(got.at("exposee_store_failing"), "0");
  EXPECT_EQ(got.at("exposee_store_failures_total"), "1");
  EXPECT_EQ(got.at(R"(exposee_endpoints{status="held"})"), "2");
  EXPECT_EQ(got.at(R"(exposee_endpoints{status="active"})"), "0");
  EXPECT_EQ(got.at(R"(exposee_deliveries_waiting{reason="breaker"})"), "40");
  EXPECT_EQ(got.at("exposee_circuit_breakers_open"), "3");
  EXPECT_EQ(got.at("exposee_circuit_breakers_opened_total"), "1");
  EXPECT_EQ(got.at("exposee_endpoints_disabled_total"), "1");
  EXPECT_EQ(got.at("exposee_attempts_not_begun_total"), "1");
}

TEST_F(EngineMeterTest, TheNumberOfSeriesDoesNotGrowWithWhatIsCounted) {
  const auto before = page().samples().size();
  for (int i = 0; i < 1'000; ++i) {
    event_.id = EventId{{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i / 256)}};
    endpoint_.url = "http://shop" + std::to_string(i) + ".example/hook";
    attempt(static_cast<Cause>(i % 10), i % 10 < 2 ? 200 + i % 400 : 0, DeliveryStatus::pending);
  }
  EXPECT_EQ(page().samples().size(), before);
}

TEST(StatusClass, OfAnyNumberIsOneOfFive) {
  const std::pair<int, std::string> rows[] = {{-1, "1xx"},  {99, "1xx"},  {101, "1xx"}, {200, "2xx"},
                                              {399, "3xx"}, {404, "4xx"}, {599, "5xx"}, {999, "5xx"}};
  for (const auto& [status, text] : rows) EXPECT_EQ(to_text(class_of(status)), text) << status;
}

}  // namespace
}  // namespace exposee::observe

#include "observe/call_meter.h"

#include <gtest/gtest.h>

#include "observe/test_page.h"

namespace exposee::observe {
namespace {

TEST(CallMeter, CallsCountByFamilyAndClassAndTheirDurationsAddUp) {
  CallMeter meter;
  meter.call_answered({.family = CallFamily::v1, .status = 202, .took = Duration{100}});
  meter.call_answered({.family = CallFamily::v1, .status = 422, .took = Duration{200}});
  meter.call_answered({.family = CallFamily::contract, .status = 200, .took = Duration{-5}});
  meter.reply_cut_off("/users", {});
  const auto got = TestPage::of(meter);
  EXPECT_EQ(got.at(R"(exposee_http_requests_total{family="v1",status_class="2xx"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_http_requests_total{family="v1",status_class="4xx"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_http_requests_total{family="documents",status_class="5xx"})"), "0");
  EXPECT_EQ(got.at(R"(exposee_http_request_duration_seconds_count{family="v1"})"), "2");
  EXPECT_EQ(got.at(R"(exposee_http_request_duration_seconds_sum{family="v1"})"), "0.0003");
  EXPECT_EQ(got.at(R"(exposee_http_request_duration_seconds_bucket{family="v1",le="0.000128"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_http_request_duration_seconds_bucket{family="v1",le="+Inf"})"), "2");
  EXPECT_EQ(got.at(R"(exposee_http_request_duration_seconds_sum{family="contract"})"), "0");
  EXPECT_EQ(got.at("exposee_http_replies_cut_off_total"), "1");
}

TEST(CallMeter, AStreamIsACallAndItsDurationCountsApart) {
  CallMeter meter;
  meter.call_answered({.family = CallFamily::contract, .status = 200, .took = Duration{100}});
  meter.call_answered(
      {.family = CallFamily::contract, .status = 200, .took = std::chrono::hours(1), .streamed = true});
  const auto got = TestPage::of(meter);
  EXPECT_EQ(got.at(R"(exposee_http_requests_total{family="contract",status_class="2xx"})"), "2");
  EXPECT_EQ(got.at(R"(exposee_http_request_duration_seconds_count{family="contract"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_http_request_duration_seconds_sum{family="contract"})"), "0.0001");
  EXPECT_EQ(got.at("exposee_http_stream_duration_seconds_count"), "1");
  EXPECT_EQ(got.at("exposee_http_stream_duration_seconds_sum"), "3600");
}

TEST(CallMeter, TestDeliveriesCountByKindAndResult) {
  CallMeter meter;
  const Event event{};
  const Url url{};
  const Response response{};
  meter.test_finished({TestKind::ping, event, url, response, Cause::none});
  meter.test_finished({TestKind::test, event, url, response, Cause::tls});
  const auto got = TestPage::of(meter);
  EXPECT_EQ(got.at(R"(exposee_test_deliveries_total{kind="ping",result="succeeded"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_test_deliveries_total{kind="test",result="tls"})"), "1");
  EXPECT_EQ(got.at(R"(exposee_test_deliveries_total{kind="ping",result="tls"})"), "0");
}

}  // namespace
}  // namespace exposee::observe

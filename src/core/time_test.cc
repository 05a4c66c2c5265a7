#include "core/time.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace exposee {
namespace {

constexpr Instant kRecorded = from_micros(1'746'590'590'779'082);  // 2025-05-07T04:03:10.779082Z
constexpr Instant kRfcDate = from_micros(784'111'777'000'000);     // RFC 9110's example, 1994-11-06T08:49:37Z

TEST(Time, IsShownInTheContractsForm) {
  EXPECT_EQ(iso_text(kRecorded), "2025-05-07T04:03:10.779082+00:00");
  EXPECT_EQ(iso_text(from_micros(0)), "1970-01-01T00:00:00.000000+00:00");
  EXPECT_EQ(iso_text(from_micros(-1)), "1969-12-31T23:59:59.999999+00:00");
  EXPECT_EQ(iso_text(from_micros(951'782'400'000'001)), "2000-02-29T00:00:00.000001+00:00");
}

TEST(Time, UnixSecondsRoundDownAlsoBefore1970) {
  EXPECT_EQ(to_unix_seconds(from_micros(1'999'999)), 1);
  EXPECT_EQ(to_unix_seconds(from_micros(-1)), -1);
}

TEST(Time, OwnTextReadsBack) {
  for (std::int64_t micros = -3'000'000'000'000'000; micros < 9'000'000'000'000'000;
       micros += 7'654'321'987'654) {
    const Instant t = from_micros(micros);
    ASSERT_EQ(parse_rfc3339(iso_text(t)), t) << iso_text(t);
  }
}

TEST(Time, Rfc3339IsReadWithAnyOffsetAndUpToNineDecimals) {
  const std::vector<std::pair<std::string_view, Instant>> rows = {
      {"2025-05-07T04:03:10.779082Z", kRecorded},
      {"2025-05-07t04:03:10.779082z", kRecorded},
      {"2025-05-07T04:03:10.779082999Z", kRecorded},
      {"2025-05-07T06:03:10.779082+02:00", kRecorded},
      {"2025-05-06T23:33:10.779082-04:30", kRecorded},
      {"1970-01-01T00:00:00-00:00", from_micros(0)},
      {"1970-01-01T00:00:00.5Z", from_micros(500'000)},
      {"2016-12-31T23:59:60Z", from_micros(1'483'228'800'000'000)},
      {"2017-01-01T01:59:60+02:00", from_micros(1'483'228'800'000'000)},
      {"0000-01-01T00:00:00Z", from_micros(-62'167'219'200'000'000)},
      {"9999-12-31T23:59:59.999999Z", from_micros(253'402'300'799'999'999)},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(parse_rfc3339(text), expected) << text;
}

TEST(Time, WhatIsNoRfc3339IsRefused) {
  const std::vector<std::string_view> rows = {"",
                                              "2025",
                                              "2025-05-07",
                                              "2025-05-07T04:03:10",
                                              "2025-05-07 04:03:10Z",
                                              "2025-05-07T04:03Z",
                                              "2025-05-07T04:03:10.Z",
                                              "2025-05-07T04:03:10.1234567890Z",
                                              "2025-05-07T04:03:10,5Z",
                                              "2025-5-07T04:03:10Z",
                                              "2025-02-29T00:00:00Z",
                                              "2025-13-01T00:00:00Z",
                                              "2025-00-01T00:00:00Z",
                                              "2025-01-00T00:00:00Z",
                                              "2025-01-01T24:00:00Z",
                                              "2025-01-01T00:60:00Z",
                                              "2025-01-01T00:00:61Z",
                                              "2025-01-01T00:00:60Z",
                                              "2016-12-31T23:59:60+01:00",
                                              "2025-01-01T00:00:00+24:00",
                                              "2025-01-01T00:00:00+02:60",
                                              "2025-01-01T00:00:00+0200",
                                              "2025-01-01T00:00:00+02",
                                              "2025-01-01T00:00:00ZZ",
                                              " 2025-01-01T00:00:00Z",
                                              "2025-01-01T00:00:00Z ",
                                              "+025-01-01T00:00:00Z",
                                              "0000-01-01T00:00:00+00:01",
                                              "9999-12-31T23:59:59-00:01",
                                              "20250101T000000Z",
                                              "2025-01-01T00:00:00\xEF\xBC\xBA"};
  for (const auto text : rows) EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(Time, HttpDatesAreReadInAllThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), kRfcDate);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), kRfcDate);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), kRfcDate);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994"), kRfcDate + std::chrono::days{10});
  EXPECT_EQ(parse_http_date("Monday, 06-Nov-34 08:49:37 GMT"), parse_rfc3339("2034-11-06T08:49:37Z"));
  EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT"), parse_rfc3339("2017-01-01T00:00:00Z"));
}

TEST(Time, WhatIsNoHttpDateIsRefused) {
  const std::vector<std::string_view> rows = {"",
                                              "soon",
                                              "Sun, 06 Nov 1994 08:49:37",
                                              "Sun, 06 Nov 1994 08:49:37 UTC",
                                              "Sun, 6 Nov 1994 08:49:37 GMT",
                                              "Sun, 06 nov 1994 08:49:37 GMT",
                                              "Son, 06 Nov 1994 08:49:37 GMT",
                                              "Sun, 31 Feb 1994 08:49:37 GMT",
                                              "Sun, 06 Nov 94 08:49:37 GMT",
                                              "Sun, 06 Nov 1994 24:00:00 GMT",
                                              "Sun, 06 Nov 1994 08:49:37 GMT ",
                                              "Sun, 06-Nov-94 08:49:37 GMT",
                                              "Sun Nov 06 08:49:37 1994 GMT",
                                              "Sun Nov 6 08:49:37 1994",
                                              "1994-11-06T08:49:37Z"};
  for (const auto text : rows) EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

TEST(Time, HttpDateIsWrittenAsImfFixdate) {
  EXPECT_EQ(http_date(kRfcDate), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(from_micros(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(parse_http_date(http_date(kRecorded)), from_micros(1'746'590'590'000'000));
}

TEST(TimeDeathTest, AYearOfFiveDigitsIsABrokenPromise) {
  EXPECT_DEATH(iso_text(from_micros(253'402'300'800'000'000)), "four digits");
}

}  // namespace
}  // namespace exposee

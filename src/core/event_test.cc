#include "core/event.h"

#include <gtest/gtest.h>

#include <string>

namespace exposee {
namespace {

TEST(Event, BodyHoldsTheDataByteForByte) {
  const EventId id{};
  const std::string data = R"({"b" : 1e999,"a":12345678901234567890, "ü":"\u00fc"})";
  EXPECT_EQ(event_body("invoice.paid", data, id, iso_chars(from_micros(1))),
            R"({"event":"invoice.paid","data":)" + data +
                R"(,"id":"evt_00000000000000000000000000","timestamp":"1970-01-01T00:00:00.000001+00:00"})");
}

}  // namespace
}  // namespace exposee

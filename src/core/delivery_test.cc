#include "core/delivery.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace exposee {
namespace {

TEST(Delivery, StatusesAreShownInTheWordsOfTheProduct) {
  const std::vector<std::pair<DeliveryStatus, std::string_view>> rows = {
      {DeliveryStatus::pending, "pending"},
      {DeliveryStatus::in_flight, "in_flight"},
      {DeliveryStatus::succeeded, "succeeded"},
      {DeliveryStatus::exhausted, "exhausted"},
      {DeliveryStatus::cancelled, "cancelled"}};
  for (const auto& [status, text] : rows) {
    EXPECT_EQ(to_text(status), text);
    EXPECT_EQ(parse_delivery_status(text), status);
  }
  EXPECT_EQ(parse_delivery_status("Pending"), std::nullopt);
  EXPECT_EQ(parse_delivery_status(""), std::nullopt);
}

TEST(Delivery, CausesAreShownInTheWordsOfTheProduct) {
  const std::vector<std::pair<Cause, std::string_view>> rows = {
      {Cause::none, "none"},       {Cause::http, "http"},       {Cause::timeout, "timeout"},
      {Cause::dns, "dns"},         {Cause::connect, "connect"}, {Cause::tls, "tls"},
      {Cause::blocked, "blocked"}, {Cause::closed, "closed"},   {Cause::bad_response, "bad_response"}};
  for (const auto& [cause, text] : rows) {
    EXPECT_EQ(to_text(cause), text);
    EXPECT_EQ(parse_cause(text), cause);
  }
  EXPECT_EQ(parse_cause("weather"), std::nullopt);
}

}  // namespace
}  // namespace exposee

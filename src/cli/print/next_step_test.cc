#include "cli/print/next_step.h"

#include <gtest/gtest.h>

namespace exposee::cli {
namespace {

constexpr const char* kAllStates[] = {"active", "failing", "held", "paused", "disabled", ""};

TEST(NextStep, OfADeliveryIsOneThatItsEndpointAllows) {
  const struct {
    std::string status, endpoint, step;
  } rows[] = {
      {"pending", "active", "exposee retry dlv_1"},
      {"pending", "failing", "exposee retry dlv_1"},
      {"pending", "held", "exposee retry dlv_1"},
      {"pending", "paused", "exposee resume ep_1"},
      {"pending", "disabled", ""},
      {"exhausted", "active", "exposee retry dlv_1"},
      {"exhausted", "failing", "exposee retry dlv_1"},
      {"exhausted", "held", "exposee retry dlv_1"},
      {"exhausted", "paused", "exposee resume ep_1 && exposee retry dlv_1"},
      {"exhausted", "disabled", "exposee enable ep_1 && exposee retry dlv_1"},
      {"cancelled", "active", "exposee retry dlv_1"},
      {"cancelled", "paused", "exposee resume ep_1 && exposee retry dlv_1"},
      {"cancelled", "disabled", "exposee enable ep_1 && exposee retry dlv_1"},
  };
  for (const auto& row : rows) {
    const DeliveryState state{"dlv_1", "ep_1", row.status, "http", 0, row.endpoint};
    EXPECT_EQ(next_step(state), row.step) << row.status << ' ' << row.endpoint;
  }
}

TEST(NextStep, OfADeliveryThatNothingHelpsOrThatWantsNothingIsNone) {
  for (const char* endpoint : kAllStates) {
    for (const char* status : {"succeeded", "in_flight"})
      EXPECT_EQ(next_step(DeliveryState{"dlv_1", "ep_1", status, "", 0, endpoint}), "") << status << endpoint;
    for (const char* status : {"pending", "exhausted", "cancelled"}) {
      EXPECT_EQ(next_step(DeliveryState{"dlv_1", "ep_1", status, "damaged", 0, endpoint}), "") << endpoint;
      EXPECT_EQ(next_step(DeliveryState{"dlv_1", "ep_1", status, "http", kMostRetries, endpoint}), "")
          << endpoint;
      EXPECT_EQ(next_step(DeliveryState{"dlv_1", "ep_1", status, "http", 0, ""}), "") << "it was removed";
    }
  }
}

TEST(NextStep, OfAStrangersIdIsNone) {
  EXPECT_EQ(next_step(DeliveryState{"dlv_1; rm -r ~", "ep_1", "pending", "", 0, "active"}), "");
  EXPECT_EQ(next_step(DeliveryState{"dlv_1", "$(x)", "pending", "", 0, "paused"}), "");
  EXPECT_EQ(next_step(EndpointState{"ep_1 && x", "paused"}), "");
}

TEST(NextStep, OfAnEndpointIsToLookWhyItFailsElseToEndWhatStopsIt) {
  const struct {
    EndpointState state;
    std::string step;
  } rows[] = {
      {{"ep_1", "active"}, ""},
      {{"ep_1", "paused"}, "exposee resume ep_1"},
      {{"ep_1", "disabled"}, "exposee enable ep_1"},
      {{"ep_1", "held"}, "exposee deliveries --status pending --endpoint ep_1"},
      {{"ep_1", "failing"}, "exposee deliveries --status pending --endpoint ep_1"},
      {{"ep_1", "active", true, true}, "exposee deliveries --status pending --endpoint ep_1"},
      {{"ep_1", "disabled", false, true}, "exposee deliveries --status exhausted --endpoint ep_1"},
      {{"ep_1", "paused", true, false}, "exposee deliveries --status pending --endpoint ep_1"},
  };
  for (const auto& row : rows) EXPECT_EQ(next_step(row.state), row.step) << row.state.status;
}

}  // namespace
}  // namespace exposee::cli

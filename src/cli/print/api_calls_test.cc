#include "cli/print/api_calls.h"

#include <gtest/gtest.h>

namespace exposee::cli {
namespace {

TEST(ApiCalls, OfAHintAreTheCommandsThatMakeThem) {
  const struct {
    std::string_view hint, shown;
  } rows[] = {
      {"GET /webhooks lists the events.", "exposee webhooks lists the events."},
      {"GET /v1/deliveries lists deliveries.", "exposee deliveries lists deliveries."},
      {"Check it. POST /v1/events sends the data again.",
       "Check it. exposee send EVENT DATA sends the data again."},
      {"Retry it: POST /v1/deliveries/{id}/retry.", "Retry it: exposee retry ID."},
      {"POST /v1/deliveries/dlv_1/retry", "exposee retry dlv_1"},
      {"GET /v1/deliveries/dlv_1.", "exposee delivery dlv_1."},
      {"GET /v1/endpoints lists all endpoints.", "exposee endpoints lists all endpoints."},
      {"GET /v1/endpoints/ep_1 shows it", "exposee endpoints ep_1 shows it"},
      {"Resume it with PATCH /v1/endpoints/ep_1 {\"paused\": false}.", "Resume it with exposee resume ep_1."},
      {"PATCH /v1/endpoints/ep_1 {\"paused\": true} pauses it", "exposee pause ep_1 pauses it"},
      {"Enable it with POST /v1/endpoints/ep_1/enable, then try again.",
       "Enable it with exposee enable ep_1, then try again."},
      {"Declare it with POST /v1/event-types. GET /v1/event-types lists all.",
       "Declare it with curl -X POST http://h:1/v1/event-types -H 'content-type: application/json' -d "
       "'{\"name\": "
       "\"order.paid\"}'. curl http://h:1/v1/event-types lists all."},
      {"Open it with PATCH /v1/endpoints/ep_1 {\"public_only\": false}.",
       "Open it with curl -X PATCH http://h:1/v1/endpoints/ep_1 -H 'content-type: application/json' -d "
       "'{\"public_only\": false}'."},
      {"test them one by one with POST /v1/endpoints/{id}/test",
       "test them one by one with curl -X POST http://h:1/v1/endpoints/ID/test"},
      {"Change it with PATCH /v1/endpoints/{endpoint_id}.",
       "Change it with curl -X PATCH http://h:1/v1/endpoints/ENDPOINT_ID."},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(with_commands(row.hint, "http://h:1"), row.shown);
    EXPECT_EQ(with_commands(row.hint, "http://h:1/"), row.shown);
  }
}

TEST(ApiCalls, AreMadeOfWhatWasTyped) {
  const auto shown = [](const Typed& typed) {
    return with_commands("POST /v1/endpoints", "http://h:1", typed);
  };
  const std::string begin = "curl -X POST http://h:1/v1/endpoints -H 'content-type: application/json' -d ";
  EXPECT_EQ(shown({"order.pad", "http://a.example/?b=1&c=%20"}),
            begin + R"('{"url": "http://a.example/?b=1&c=%20", "events": ["order.pad"]}')");
  EXPECT_EQ(shown({}), begin + R"('{"url": "https://shop.example/hook", "events": ["order.paid"]}')");
  EXPECT_EQ(shown({"a'b", "http://a/\"$(x)"}), shown({})) << "nothing of it leaves the quotes";
}

TEST(ApiCalls, WhatIsNoneStays) {
  for (const std::string_view hint : {"", "Check the path of the endpoint's URL.", "POST", "POST ", "GET it",
                                      "FORGET /webhooks", "Deliveries are always POST: let /x take it."}) {
    EXPECT_EQ(with_commands(hint, "http://h:1"), hint);
  }
}

// The hint is what some server says; whoever copies the command runs it.
TEST(ApiCalls, NothingOfAStrangersHintLeavesTheQuotes) {
  EXPECT_EQ(with_commands("PATCH /v1/x {\"a\": \"'; rm -r ~ #\"}", "http://h:1"),
            "PATCH /v1/x {\"a\": \"'; rm -r ~ #\"}");
  EXPECT_EQ(with_commands("POST /v1/$(x)", "http://h:1"), "POST /v1/$(x)");
}

}  // namespace
}  // namespace exposee::cli

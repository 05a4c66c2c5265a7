#include "fakes/test_api.h"

namespace exposee::api {
namespace {

TEST(Health, ReadinessIsWhatTheServerSaysOfItself) {
  TestApi api;
  api.readiness.why = "The store is away";
  EXPECT_EQ(api.call("GET", "/livez").body, R"({"status":"ok"})");
  const auto waiting = api.call("GET", "/readyz");
  EXPECT_EQ(waiting.status, 503);
  EXPECT_EQ(waiting.body, R"({"detail":"The store is away"})");
  api.readiness.why.reset();
  EXPECT_EQ(api.call("GET", "/readyz").body, R"({"status":"ready"})");
}

}  // namespace
}  // namespace exposee::api

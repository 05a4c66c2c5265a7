#include "fakes/test_api.h"

namespace exposee::api {
namespace {

TEST(MetricsCall, ShowsThePageInPrometheusFormat) {
  TestApi api;
  const auto got = api.call("GET", "/metrics");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(got.header("cache-control"), "no-store");
  EXPECT_EQ(got.body, api.metrics.text);
  EXPECT_EQ(api.call("HEAD", "/metrics").status, 200);
  EXPECT_EQ(api.call("POST", "/metrics", "{}").status, 405);
}

TEST(MetricsCall, IsNoBusinessOfOtherOriginsHoweverItsPathIsSpelled) {
  TestApi api;
  for (const std::string path : {"/metrics", "/metric%73"}) {
    EXPECT_EQ(api.call("GET", path, "", {{"origin", "https://elsewhere.example"}}).status, 403) << path;
    EXPECT_EQ(api.call("GET", path, "", {{"host", "rebound.example"}}).status, 421) << path;
    EXPECT_EQ(api.call("GET", path).header("access-control-allow-origin"), "") << path;
  }
}

TEST(MetricsCall, EveryReplyIsToldWithItsFamily) {
  TestApi api;
  api.call("GET", "/users");
  api.call("GET", "/v1/endpoints/none");
  api.call("GET", "/livez");
  api.call("GET", "/openapi.json");
  const std::pair<CallFamily, int> expected[] = {{CallFamily::contract, 200},
                                                 {CallFamily::v1, 404},
                                                 {CallFamily::operation, 200},
                                                 {CallFamily::documents, 200}};
  const auto told = api.calls.calls();
  ASSERT_EQ(told.size(), std::size(expected));
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].family, expected[i].first) << told[i].details.path;
    EXPECT_EQ(told[i].status, expected[i].second) << told[i].details.path;
  }
}

}  // namespace
}  // namespace exposee::api

#include "fakes/test_api.h"

namespace exposee::api {
namespace {

constexpr embedded::Asset kAssets[] = {
    {"/docs", "text/html; charset=utf-8", "<!doctype html>", "", "W/\"1\""},
    {"/docs/docs.js", "text/javascript; charset=utf-8", "// script", "\x1f\x8b packed", "W/\"2\""},
};

ApiOptions with_assets() {
  auto options = TestApi::default_options();
  options.assets = kAssets;
  return options;
}

TEST(Pages, DocsComeUnderAPolicyWithoutInlineScript) {
  TestApi api(with_assets());
  const auto page = api.call("GET", "/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  const auto policy = page.header("content-security-policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self';")) << policy;
  EXPECT_EQ(policy.find("http"), std::string::npos);
  EXPECT_EQ(page.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(api.call("GET", "/docs/docs.js").header("content-security-policy"), "");
  EXPECT_EQ(api.call("GET", "/docs/none.js").status, 404);
}

TEST(Pages, AssetsArePackedForWhoTakesItAndKeptByWhoHasThem) {
  TestApi api(with_assets());
  EXPECT_EQ(api.call("GET", "/docs/docs.js").body, "// script");
  const auto packed = api.call("GET", "/docs/docs.js", "", {{"accept-encoding", "br, gzip"}});
  EXPECT_EQ(packed.header("content-encoding"), "gzip");
  EXPECT_EQ(packed.body, "\x1f\x8b packed");
  EXPECT_EQ(packed.header("vary"), "accept-encoding");
  EXPECT_EQ(api.call("GET", "/docs/docs.js", "", {{"accept-encoding", "gzip; q=0"}}).body, "// script");
  EXPECT_EQ(api.call("GET", "/docs", "", {{"accept-encoding", "gzip"}}).header("content-encoding"), "");
  const auto known = api.call("GET", "/docs/docs.js", "", {{"if-none-match", "W/\"2\""}});
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
}

TEST(Pages, ABrowserThatAsksForTheRootIsHelpedAlong) {
  TestApi api(with_assets());
  const auto got = api.call("GET", "/");
  EXPECT_EQ(got.status, 307);
  EXPECT_EQ(got.header("location"), "docs") << "relative, for a proxy that serves it below a path";
}

TEST(Pages, TheRootLeadsBelowThePathOfThePublicUrl) {
  for (const std::string url : {"https://h.example/hooks", "https://h.example"}) {
    auto options = with_assets();
    options.public_url = url;
    TestApi api(options);
    const bool has_path = url.ends_with("/hooks");
    EXPECT_EQ(api.call("GET", "/").header("location"), has_path ? url + "/docs" : "docs");
  }
}

}  // namespace
}  // namespace exposee::api

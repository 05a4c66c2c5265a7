#include "embedded/web_assets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>

namespace exposee::embedded {
namespace {

const Asset* find(std::string_view path) {
  const auto all = assets();
  const auto it = std::ranges::find(all, path, &Asset::path);
  return it == all.end() ? nullptr : &*it;
}

std::uint32_t little_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = (value << 8) | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

TEST(WebAssets, EveryPathIsServedOnce) {
  std::set<std::string_view> paths;
  for (const Asset& asset : assets()) {
    EXPECT_TRUE(asset.path.starts_with('/')) << asset.path;
    EXPECT_TRUE(paths.insert(asset.path).second) << asset.path;
  }
  EXPECT_FALSE(paths.empty());
}

TEST(WebAssets, TheDocsPageAndAllThatItNamesAreThere) {
  const struct {
    std::string_view path, content_type, begins;
  } rows[] = {
      {"/docs", "text/html; charset=utf-8", "<!doctype html>"},
      {"/docs/docs.css", "text/css; charset=utf-8", "/*"},
      {"/docs/docs.js", "text/javascript; charset=utf-8", "//"},
      {"/docs/swagger-ui.css", "text/css; charset=utf-8", "."},
      {"/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", "/*!"},
      {"/docs/favicon-32x32.png", "image/png", "\x89PNG"},
  };
  for (const auto& row : rows) {
    const Asset* asset = find(row.path);
    ASSERT_NE(asset, nullptr) << row.path;
    EXPECT_EQ(asset->content_type, row.content_type) << row.path;
    EXPECT_TRUE(asset->bytes.starts_with(row.begins)) << row.path;
  }
}

// The page lives under a policy without inline scripts and styles, and must never ask another origin.
TEST(WebAssets, OurOwnPagesHaveNoInlineCodeAndNoForeignAddress) {
  for (const std::string_view path : {"/docs", "/docs/docs.css", "/docs/docs.js"}) {
    const std::string_view bytes = find(path)->bytes;
    for (const std::string_view never :
         {"http://", "https://", "<style", " style=", " onload=", "<script>"}) {
      EXPECT_EQ(bytes.find(never), std::string_view::npos) << path << " has " << never;
    }
  }
}

TEST(WebAssets, GzipIsOfTheSameFileAndSmaller) {
  for (const Asset& asset : assets()) {
    if (asset.gzip_bytes.empty()) continue;
    ASSERT_GT(asset.gzip_bytes.size(), 18u) << asset.path;  // header and trailer of RFC 1952
    EXPECT_LT(asset.gzip_bytes.size(), asset.bytes.size()) << asset.path;
    EXPECT_TRUE(asset.gzip_bytes.starts_with("\x1f\x8b\x08")) << asset.path;
    const auto length = little_endian_32(asset.gzip_bytes.substr(asset.gzip_bytes.size() - 4));
    EXPECT_EQ(length, asset.bytes.size()) << asset.path;
  }
  EXPECT_FALSE(find("/docs/swagger-ui-bundle.js")->gzip_bytes.empty());
  EXPECT_TRUE(find("/docs/favicon-32x32.png")->gzip_bytes.empty());
}

TEST(WebAssets, EveryFileHasItsOwnWeakEtag) {
  std::set<std::string_view> etags;
  for (const Asset& asset : assets()) {
    EXPECT_TRUE(asset.etag.starts_with("W/\"") && asset.etag.ends_with('"')) << asset.etag;
    EXPECT_TRUE(etags.insert(asset.etag).second) << asset.path;
  }
}

}  // namespace
}  // namespace exposee::embedded

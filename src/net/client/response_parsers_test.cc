#include "net/client/response_parsers.h"

#include <gtest/gtest.h>

#include <vector>

namespace exposee::net {
namespace {

constexpr std::string_view kGone = "HTTP/1.1 410 Gone\r\nContent-Length: 3\r\n\r\nbye";

TEST(ResponseParsers, OneThatIsGivenBackIsUsedAgainAndHasSeenNothing) {
  ResponseParsers parsers({});
  auto first = parsers.take();
  const auto* which = first.get();
  EXPECT_EQ(first->feed(kGone).state, http::ReadState::complete);
  parsers.give_back(std::move(first));

  const auto second = parsers.take();

  EXPECT_EQ(second.get(), which);
  EXPECT_TRUE(second->idle());
  EXPECT_FALSE(second->has_head());
  EXPECT_EQ(second->body(), "");
}

TEST(ResponseParsers, OneThatFailedIsUsedAgainLikeAnyOther) {
  ResponseParsers parsers({});
  auto failed = parsers.take();
  EXPECT_EQ(failed->feed("SSH-2.0-OpenSSH\r\n").state, http::ReadState::error);
  parsers.give_back(std::move(failed));

  EXPECT_EQ(parsers.take()->feed(kGone).state, http::ReadState::complete);
}

TEST(ResponseParsers, OfManyThatReadAtTheSameTimeAHandfulIsKept) {
  ResponseParsers parsers({});
  std::vector<ResponseParserPtr> at_once;
  for (int i = 0; i < 1000; ++i) at_once.push_back(parsers.take());
  for (auto& parser : at_once) parsers.give_back(std::move(parser));
  parsers.give_back(nullptr);

  EXPECT_EQ(parsers.unused(), 16U);
}

}  // namespace
}  // namespace exposee::net

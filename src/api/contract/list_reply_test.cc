#include "api/contract/list_reply.h"

#include <gtest/gtest.h>

#include "fakes/test_api.h"
#include "users/users.h"

namespace exposee::api {
namespace {

constexpr std::size_t kPieceBytes = 200;  // two or three users

class ListReplyTest : public testing::Test {
 protected:
  static ApiOptions options() {
    auto options = TestApi::default_options();
    options.list_piece_bytes = kPieceBytes;
    return options;
  }
  fakes::QuietCalls::Call last_note() {
    const auto calls = api_.calls.calls();
    EXPECT_FALSE(calls.empty());
    return calls.empty() ? fakes::QuietCalls::Call{} : calls.back();
  }

  void add_users(int count) {
    for (int i = 0; i < count; ++i) api_.engine.add({UserRow{"user" + std::to_string(i), {}}});
  }
  std::string users_json(int count) {
    std::string json;
    for (int i = 0; i < count; ++i) {
      json += (i > 0 ? "," : "") + std::string(R"({"username":"user)") + std::to_string(i) +
              R"(","registered_at":"1970-01-01T00:00:00.000000+00:00"})";
    }
    return "[" + json + "]";
  }

  TestApi api_{options()};
};

TEST_F(ListReplyTest, AListIsTheSameBytesHoweverManyPiecesItTakes) {
  for (int count = 0; count <= 12; ++count) {
    const auto got = api_.call("GET", "/users");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, users_json(count));
    EXPECT_EQ(got.streamed, got.body.size() > kPieceBytes + 1) << count;
    EXPECT_EQ(got.header("content-type"), "application/json");
    EXPECT_EQ(got.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(got.header("access-control-allow-origin"), "*");
    EXPECT_EQ(last_note().bytes, got.body.size());
    EXPECT_TRUE(last_note().whole);
    api_.engine.add({UserRow{"user" + std::to_string(count), {}}});
  }
}

TEST_F(ListReplyTest, MessagesComeInTheirOrderAndThoseOfOthersAreLeftOut) {
  add_users(2);
  std::string wanted;
  for (int i = 0; i < 20; ++i) {
    const auto to = i % 3 == 0 ? "user0" : "user1";
    const MessageRow message{"user0", to, to, std::to_string(i), "text", {}};
    api_.engine.add({message});
    if (i % 3 != 0) wanted += (wanted.empty() ? "" : ",") + users::message_json(message);
  }
  const auto got = api_.call("GET", "/users/messages?recipient=USER1");
  EXPECT_EQ(got.body, "[" + wanted + "]");
  EXPECT_TRUE(got.streamed);
}

TEST_F(ListReplyTest, ThoseWhoseClientsDoNotReadHoldNoReadingThread) {
  add_users(30);
  api_.reluctant = true;
  const auto slow = api_.start("GET", "/users"), slower = api_.start("GET", "/users");
  api_.streaming(slow, 1);
  api_.streaming(slower, 1);
  EXPECT_EQ(api_.call("GET", "/users/messages?recipient=user0").body, "[]") << "there is one such thread";
  EXPECT_EQ(api_.streaming(slow, 1).pieces(), 1u);
  for (std::size_t pieces = 1; !api_.answered(slow); ++pieces) api_.streaming(slow, pieces).give_room();
  EXPECT_EQ(api_.wait(slow).body, users_json(30));
  EXPECT_FALSE(api_.answered(slower));
}

TEST_F(ListReplyTest, WhoRegistersMeanwhileMayBeInItAndNobodyIsInItTwice) {
  add_users(10);
  api_.reluctant = true;
  const auto call = api_.start("GET", "/users");
  api_.streaming(call, 1);
  api_.engine.add({UserRow{"user10", {}}});
  for (std::size_t pieces = 1; !api_.answered(call); ++pieces) api_.streaming(call, pieces).give_room();
  EXPECT_EQ(api_.wait(call).body, users_json(11));
}

TEST_F(ListReplyTest, AReadThatFailsInTheMiddleCutsTheReplyOffAndIsTold) {
  add_users(30);
  api_.engine.read_faults.users_from = 6;
  const auto got = api_.call("GET", "/users");
  EXPECT_TRUE(got.streamed);
  EXPECT_FALSE(got.whole);
  const auto cuts = api_.calls.cuts();
  ASSERT_EQ(cuts.size(), 1u);
  EXPECT_EQ(cuts[0].path, "/users");
  EXPECT_EQ(cuts[0].why, "the store is away");
  EXPECT_FALSE(last_note().whole);
}

TEST_F(ListReplyTest, AReadThatFailsAtOnceIsAnOrdinaryRefusal) {
  add_users(30);
  api_.engine.read_faults.users_from = 0;
  const auto got = api_.call("GET", "/users");
  EXPECT_EQ(got.status, 503);
  EXPECT_FALSE(got.streamed);
}

TEST_F(ListReplyTest, WhatNobodyReadsAnyMoreIsNotReadOn) {
  add_users(30);
  api_.reluctant = true;
  const auto call = api_.start("GET", "/users");
  auto& stream = api_.streaming(call, 1);
  stream.end(StreamEnd::client_left);
  EXPECT_EQ(last_note().bytes, users_json(30).find("},{", kPieceBytes) + 1);
  EXPECT_FALSE(last_note().whole);
  stream.give_room();
  EXPECT_EQ(api_.call("GET", "/users/messages?recipient=user0").body, "[]");
  EXPECT_EQ(stream.pieces(), 1u);
}

}  // namespace
}  // namespace exposee::api

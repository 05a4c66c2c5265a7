#include "users/users.h"

#include <gtest/gtest.h>

#include <variant>

namespace exposee::users {
namespace {

constexpr Instant kNoon = from_micros(1'746'590'590'779'082);  // 2025-05-07T04:03:10.779082+00:00

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Users, NamesAreKeptInLowerCaseByUnicodesTables) {
  const struct {
    std::string_view given, kept;
  } rows[] = {
      {"Alice", "alice"},
      {"ŻÓŁW", "żółw"},
      {"🐢", "🐢"},
      {"STRASSE", "strasse"},
      {"straße", "straße"},
      {" bob ", " bob "},
      {"o'neil \"x\" <b>", "o'neil \"x\" <b>"},
      {"a\xC2\xA0z", "a\xC2\xA0z"},
  };
  for (const auto& row : rows) {
    const auto name = username_from(row.given);
    ASSERT_TRUE(name) << row.given;
    EXPECT_EQ(*name, row.kept);
  }
}

TEST(Users, NamesThatNoListCanShowAreRefused) {
  const std::string rows[] = {"",
                              "a\nb",
                              std::string("a\0b", 3),
                              "\x7f",
                              "a\xC2\x80",
                              "x\xC2\x9F",
                              repeated("n", kMaxUsernameChars + 1),
                              repeated("ż", kMaxUsernameChars + 1)};
  for (const auto& name : rows) EXPECT_FALSE(username_from(name)) << name;
}

TEST(Users, TheLongestNameIsCountedInCharactersNotBytes) {
  EXPECT_TRUE(username_from(repeated("🐢", kMaxUsernameChars)));
}

TEST(Users, ATextMayBeAnythingButNul) {
  EXPECT_FALSE(refuse_text(""));
  EXPECT_FALSE(refuse_text("line\nbreak 😀"));
  EXPECT_TRUE(refuse_text(std::string_view("\0", 1)));
}

TEST(Users, ANewUserIsOneEventWhoseDataIsTheReply) {
  const auto command = register_user({"żółw \"x\"", kNoon});
  EXPECT_EQ(command.type_name, "user_registered");
  EXPECT_EQ(command.data, R"({"username":"żółw \"x\"","registered_at":"2025-05-07T04:03:10.779082+00:00"})");
  EXPECT_EQ(std::get<engine::NewUser>(command.effect).user.name, "żółw \"x\"");
}

TEST(Users, AMessageReportsItsSenderInLowerCaseAndItsRecipientAsGiven) {
  const auto command = send_message(message_from("ALICE", "ŻÓŁW", "s\n", "m", kNoon));
  EXPECT_EQ(command.type_name, "user_send_message");
  EXPECT_EQ(command.data, R"({"sender":"alice","recipient":"ŻÓŁW","subject":"s\n","message":"m",)"
                          R"("received_at":"2025-05-07T04:03:10.779082+00:00"})");
  EXPECT_EQ(std::get<engine::NewMessage>(command.effect).message.recipient_key, "żółw");
}

TEST(Users, TheTwoEventTypesStandInTheContractsOrder) {
  ASSERT_EQ(built_in_types().size(), 2u);
  EXPECT_EQ(built_in_types()[0].name, "user_registered");
  EXPECT_EQ(built_in_types()[1].name, "user_send_message");
}

}  // namespace
}  // namespace exposee::users

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
  EXPECT_EQ(std::get<UserRow>(command.documents.at(0)).name, "żółw \"x\"");
}

TEST(Users, AMessageReportsItsSenderInLowerCaseAndItsRecipientAsGiven) {
  const auto command = send_message(message_from("ALICE", "ŻÓŁW", "s\n", "m", kNoon));
  EXPECT_EQ(command.type_name, "user_send_message");
  EXPECT_EQ(command.data, R"({"sender":"alice","recipient":"ŻÓŁW","subject":"s\n","message":"m",)"
                          R"("received_at":"2025-05-07T04:03:10.779082+00:00"})");
  EXPECT_EQ(std::get<MessageRow>(command.documents.at(0)).recipient_key, "żółw");
}

std::string conditions_of(const engine::PublishEvent& command) {
  std::string all;
  for (const auto& [kind, key, exists, number] : command.preconditions) {
    EXPECT_EQ(kind, DocumentKind::user);
    all += std::to_string(number) + (exists ? ": there is " : ": there is no ") + key + "; ";
  }
  return all;
}

TEST(Users, ANameIsGivenOnceAndAMessageHasTwoUsers) {
  EXPECT_EQ(conditions_of(register_user({"alice", kNoon})), "0: there is no alice; ");
  EXPECT_EQ(conditions_of(send_message(message_from("Alice", "Bob", "s", "m", kNoon))),
            "1: there is alice; 2: there is bob; ");
  EXPECT_EQ(conditions_of(send_message(message_from("Bob", "BOB", "s", "m", kNoon))),
            "1: there is bob; 2: there is bob; 3: there is no bob; ")
      << "whoever is unknown is told that first";
}

}  // namespace
}  // namespace exposee::users

#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

using Users = StoreContract;

TEST_P(Users, ANameIsTakenOnce) {
  commit([](Store& store) {
    EXPECT_EQ(text_of(store.add_user({"zoë", at(2)})), "true");
    EXPECT_EQ(text_of(store.add_user({"alice", at(3)})), "true");
    EXPECT_EQ(text_of(store.add_user({"zoë", at(4)})), "false");
    EXPECT_EQ(text_of(store.user_exists("zoë")), "true");
    EXPECT_EQ(text_of(store.user_exists("zoe")), "false");
  });
  EXPECT_EQ(text_of(all_users(reader())), text_of(std::vector<UserRow>{{"zoë", at(2)}, {"alice", at(3)}}));
  EXPECT_EQ(text_of(reader().user_exists("alice")), "true");
  EXPECT_EQ(text_of(reader().user_exists("ALICE")), "false") << "names come lower-cased";
}

TEST_P(Users, MessagesComeInOrderOfReceiptAndAsTheyWereSent) {
  const MessageRow first{"alice", "BOB", "bob", "Hi", std::string("a\0b\xF0\x9F\x90\x9D", 7), at(5)};
  const MessageRow second{"carol", "bob", "bob", "", "", at(4)};
  commit([&](Store& store) {
    must(store.add_message(first));
    must(store.add_message({"alice", "carol", "carol", "s", "m", at(5)}));
    must(store.add_message(second));
  });
  EXPECT_EQ(text_of(all_messages(reader(), "bob")), text_of(std::vector{first, second}));
  EXPECT_EQ(text_of(all_messages(reader(), "BOB")), "[]");
}

// Every list in pieces of two rows, each behind the last row of the one before.
template <class Read>
std::string in_pieces(Read&& read) {
  std::string text;
  std::uint64_t after = 0;
  for (std::size_t taken = 2; taken == 2; text += '|') {
    taken = 0;
    must(read(after, [&](std::uint64_t number, const auto& row) {
      EXPECT_LT(after, number);
      after = number;
      text += text_of(row) + '\n';
      return ++taken < 2;
    }));
  }
  return text;
}

TEST_P(Users, ListsCanBeReadPieceByPiece) {
  const UserRow a{"a", at(1)}, b{"b", at(1)}, c{"c", at(2)};
  const MessageRow first{"a", "b", "b", "1", "", at(1)}, second{"c", "b", "b", "2", "", at(2)},
      third{"a", "b", "b", "3", "", at(3)};
  commit([&](Store& store) {
    for (const auto& user : {a, b, c}) must(store.add_user(user));
    must(store.add_message(first));
    must(store.add_message({"a", "c", "c", "other", "", at(1)}));
    must(store.add_message(second));
    must(store.add_message({"a", "c", "c", "other", "", at(2)}));
    must(store.add_message(third));
  });
  const auto users = in_pieces(
      [&](std::uint64_t after, const TakeRow<UserRow>& take) { return reader().users(after, take); });
  EXPECT_EQ(users, text_of(a) + '\n' + text_of(b) + "\n|" + text_of(c) + "\n|");
  const auto messages = in_pieces([&](std::uint64_t after, const TakeRow<MessageRow>& take) {
    return reader().messages_to("b", after, take);
  });
  EXPECT_EQ(messages, text_of(first) + '\n' + text_of(second) + "\n|" + text_of(third) + "\n|");
}

TEST_P(Users, AnAnswerIsFoundByItsKey) {
  const std::string key("\x01\0\xFFkey", 6);
  const StoredReply reply{std::string("\0print", 6), 202, "application/json", "{\"id\":\"evt_1\"}"};
  commit([&](Store& store) {
    must(store.put_reply(key, reply, at(1)));
    EXPECT_EQ(text_of(store.find_reply(key)), text_of(reply));
  });
  EXPECT_EQ(text_of(store().find_reply(key)), text_of(reply));
  EXPECT_EQ(text_of(store().find_reply("other")), "nothing");
  commit([&](Store& store) { must(store.put_reply(key, {"new", 200, "", ""}, at(2))); });
  EXPECT_EQ(text_of(store().find_reply(key)), text_of(StoredReply{"new", 200, "", ""}));
}

EXPOSEE_FOR_EVERY_STORE(Users);

}  // namespace
}  // namespace exposee::contract

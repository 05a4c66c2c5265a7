#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

using Users = StoreContract;

TEST_P(Users, ANameIsTakenOnce) {
  commit([](TurnRows& turn) {
    turn.add_user({"zoë", at(2)});
    turn.add_user({"alice", at(3)});
  });
  EXPECT_EQ(write([](TurnRows& turn) { turn.add_user({"zoë", at(4)}); }).conflict, Conflict::taken_document);
  EXPECT_TRUE(has_user("zoë"));
  EXPECT_FALSE(has_user("zoe"));
  EXPECT_EQ(text_of(all_users(reader())), text_of(std::vector<UserRow>{{"zoë", at(2)}, {"alice", at(3)}}));
  EXPECT_EQ(text_of(reader().user_exists("alice")), "true");
  EXPECT_EQ(text_of(reader().user_exists("ALICE")), "false") << "names come lower-cased";
}

TEST_P(Users, MessagesComeInOrderOfReceiptAndAsTheyWereSent) {
  const MessageRow first{"alice", "BOB", "bob", "Hi", std::string("a\0b\xF0\x9F\x90\x9D", 7), at(5)};
  const MessageRow second{"carol", "bob", "bob", "", "", at(4)};
  commit([&](TurnRows& turn) {
    turn.add_message(first);
    turn.add_message({"alice", "carol", "carol", "s", "m", at(5)});
    turn.add_message(second);
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
  commit([&](TurnRows& turn) {
    for (const auto& user : {a, b, c}) turn.add_user(user);
    turn.add_message(first);
    turn.add_message({"a", "c", "c", "other", "", at(1)});
    turn.add_message(second);
    turn.add_message({"a", "c", "c", "other", "", at(2)});
    turn.add_message(third);
  });
  const auto users = in_pieces(
      [&](std::uint64_t after, const TakeRow<UserRow>& take) { return reader().users(after, take); });
  EXPECT_EQ(users, text_of(a) + '\n' + text_of(b) + "\n|" + text_of(c) + "\n|");
  const auto messages = in_pieces([&](std::uint64_t after, const TakeRow<MessageRow>& take) {
    return reader().messages_to("b", after, take);
  });
  EXPECT_EQ(messages, text_of(first) + '\n' + text_of(second) + "\n|" + text_of(third) + "\n|");
}

TEST_P(Users, AReplyIsFoundByItsKey) {
  const std::string key("\x01\0\xFFkey", 6);
  const StoredReply reply{std::string("\0print", 6), 202, "application/json", "{\"id\":\"evt_1\"}"};
  commit([&](TurnRows& turn) { turn.claim(key, reply); });
  EXPECT_EQ(text_of(find_reply(key)), text_of(reply));
  EXPECT_EQ(text_of(find_reply("other")), "nothing");
}

TEST_P(Users, EveryQuestionIsAnsweredInItsPlace) {
  commit_registry();
  add_events({sample_event(1)});
  commit([&](TurnRows& turn) {
    turn.claim("b", {"b", 200, "", ""});
    turn.add_user({"zoë", at(2)});
  });
  const auto found = store().look({.keys = {"a", "b", "c"},
                                   .documents = {{DocumentKind::user, "alice"},
                                                 {DocumentKind::message, "zoë"},
                                                 {DocumentKind::user, "zoë"}},
                                   .deliveries = {key(1, 3), key(1, 2), key(7, 1)}});
  must(found);
  EXPECT_EQ(text_of(found->replies), "[\n  nothing\n  " + text_of(StoredReply{"b", 200, "", ""}) + "\n  nothing]");
  EXPECT_EQ(found->documents, (std::vector{false, false, true}));
  ASSERT_EQ(found->deliveries.size(), 3u);
  EXPECT_FALSE(found->deliveries[0]);
  EXPECT_EQ(found->deliveries[1]->key, key(1, 2));
  EXPECT_FALSE(found->deliveries[2]);
}

EXPOSEE_FOR_EVERY_STORE(Users);

}  // namespace
}  // namespace exposee::contract

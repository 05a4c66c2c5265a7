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
  EXPECT_EQ(text_of(reader().users()), text_of(std::vector<UserRow>{{"zoë", at(2)}, {"alice", at(3)}}));
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
  EXPECT_EQ(text_of(reader().messages_to("bob")), text_of(std::vector{first, second}));
  EXPECT_EQ(text_of(reader().messages_to("BOB")), "[]");
}

TEST_P(Users, AnAnswerIsFoundByItsKey) {
  const std::string key("\x01\0\xFFkey", 6);
  const StoredAnswer answer{std::string("\0print", 6), 202, "application/json", "{\"id\":\"evt_1\"}"};
  commit([&](Store& store) {
    must(store.put_answer(key, answer, at(1)));
    EXPECT_EQ(text_of(store.find_answer(key)), text_of(answer));
  });
  EXPECT_EQ(text_of(store().find_answer(key)), text_of(answer));
  EXPECT_EQ(text_of(store().find_answer("other")), "nothing");
  commit([&](Store& store) { must(store.put_answer(key, {"new", 200, "", ""}, at(2))); });
  EXPECT_EQ(text_of(store().find_answer(key)), text_of(StoredAnswer{"new", 200, "", ""}));
}

EXPOSEE_FOR_EVERY_STORE(Users);

}  // namespace
}  // namespace exposee::contract

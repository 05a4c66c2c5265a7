// How the in-memory store is made to fail. What it keeps is the contract suite's matter.
#include "store/memory/memory_store.h"

#include <gtest/gtest.h>

namespace exposee::store {
namespace {

const Error kFull{ErrorCode::full, "No space is left.", {}};

Result<void> turn(Store& store, const std::string& name) {
  EXPOSEE_TRY(store.begin(Durability::at_commit));
  auto added = store.add_user({name, {}});
  if (!added) return std::move(added).error();
  return store.commit();
}

TEST(MemoryStore, TheChosenOperationFailsWithTheChosenError) {
  for (std::uint64_t n = 1; n <= 3; ++n) {
    MemoryStore store;
    store.fail({.at = n, .error = kFull});
    const auto failed = turn(store, "alice");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, ErrorCode::full);
    EXPECT_EQ(store.operations(), n);
    store.rollback();
    EXPECT_FALSE(*store.user_exists("alice"));
    EXPECT_TRUE(turn(store, "alice"));
  }
}

TEST(MemoryStore, OnlyWhatWasAskedForFails) {
  MemoryStore store;
  store.fail({.at = 4, .error = kFull});
  EXPECT_TRUE(turn(store, "alice"));
  EXPECT_FALSE(turn(store, "bob"));
  EXPECT_TRUE(turn(store, "bob"));
}

TEST(MemoryStore, AFaultMayLast) {
  MemoryStore store;
  store.fail({.at = 1, .error = kFull, .times = 3});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(store.begin(Durability::at_commit));
  EXPECT_TRUE(turn(store, "alice"));
}

TEST(MemoryStore, AFaultCanBeTakenBack) {
  MemoryStore store;
  store.fail({.at = 1, .error = kFull, .times = 1'000});
  store.heal();
  EXPECT_TRUE(turn(store, "alice"));
}

TEST(MemoryStore, ACommitMayTakeEffectAndStillFail) {
  MemoryStore store;
  store.fail({.at = 3, .error = kFull, .in_effect = true});
  EXPECT_FALSE(turn(store, "alice"));
  store.rollback();
  EXPECT_TRUE(*store.user_exists("alice"));
  EXPECT_TRUE(*(*store.open_reader())->user_exists("alice"));
}

TEST(MemoryStore, TheDiskOutlivesTheStore) {
  const auto disk = std::make_shared<MemoryDisk>();
  {
    MemoryStore store(disk);
    ASSERT_TRUE(turn(store, "alice"));
    ASSERT_TRUE(store.begin(Durability::at_commit));
    ASSERT_TRUE(store.add_user({"bob", {}}));
  }
  MemoryStore store(disk);
  EXPECT_TRUE(*store.user_exists("alice"));
  EXPECT_FALSE(*store.user_exists("bob"));
}

TEST(MemoryStore, APowerFailureTakesWhatHadNotToBeOnDisk) {
  const auto disk = std::make_shared<MemoryDisk>();
  const auto add = [&](MemoryStore& store, const char* name, Durability durability) {
    ASSERT_TRUE(store.begin(durability));
    ASSERT_TRUE(store.add_user({name, {}}));
    ASSERT_TRUE(store.commit());
  };
  {
    MemoryStore store(disk);
    add(store, "alice", Durability::with_next);
    add(store, "bob", Durability::at_commit);
    add(store, "carol", Durability::with_next);
    EXPECT_TRUE(*store.user_exists("carol"));
  }
  disk->power_fails();
  MemoryStore after(disk);
  EXPECT_TRUE(*after.user_exists("alice")) << "it was on disk together with the next one";
  EXPECT_TRUE(*after.user_exists("bob"));
  EXPECT_FALSE(*after.user_exists("carol"));
}

}  // namespace
}  // namespace exposee::store

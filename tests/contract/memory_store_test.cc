// What the in-memory store does beside the contract suite's matter.
#include "fakes/memory_store.h"

#include <gtest/gtest.h>

namespace exposee::fakes {
namespace {

void add(MemoryStore& store, const char* name, Durability durability = Durability::at_commit) {
  const std::vector<Document> documents{UserRow{name, {}}};
  ASSERT_TRUE(store.write({.durability = durability, .documents = documents}));
}

bool has(MemoryStore& store, std::string_view name) {
  return store.look({.documents = {{DocumentKind::user, name}}})->documents.at(0);
}

TEST(MemoryStore, TheDiskOutlivesTheStore) {
  const auto disk = std::make_shared<MemoryDisk>();
  {
    MemoryStore store(disk);
    add(store, "alice");
  }
  MemoryStore store(disk);
  EXPECT_TRUE(has(store, "alice"));
  EXPECT_FALSE(has(store, "bob"));
}

TEST(MemoryStore, APowerFailureTakesWhatHadNotToBeOnDisk) {
  const auto disk = std::make_shared<MemoryDisk>();
  {
    MemoryStore store(disk);
    add(store, "alice", Durability::with_next);
    add(store, "bob");
    add(store, "carol", Durability::with_next);
    EXPECT_TRUE(has(store, "carol"));
  }
  disk->power_fails();
  MemoryStore after(disk);
  EXPECT_TRUE(has(after, "alice")) << "it was on disk together with the next one";
  EXPECT_TRUE(has(after, "bob"));
  EXPECT_FALSE(has(after, "carol"));
}

}  // namespace
}  // namespace exposee::fakes

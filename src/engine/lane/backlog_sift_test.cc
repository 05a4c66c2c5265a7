// What is taken out of a lane's packs.
#include "engine/lane/backlog_test.h"

namespace exposee::engine {
namespace {

TEST_F(BacklogTest, WhatIsSiftedOutOfPacksIsCountedOffOnce) {
  push(1, 15);
  write();
  now_ += kTiny.pack_after;
  write();
  ASSERT_EQ(on_disk(), "1 2 3 4 | 5 6 7 8 | 9 10 11 12 | 13 14 15 | ");
  while (backlog_.size() > 2) backlog_.pop();
  read_some();
  ASSERT_EQ(backlog_.numbered(), 4u) << "the eighth, and the last pack's, which grows";
  gone_ = {EventSeq{8}, EventSeq{9}, EventSeq{10}, EventSeq{11}, EventSeq{12}, EventSeq{14}};
  EXPECT_EQ(sift_all(), 6u);
  EXPECT_EQ(on_disk(), "1 2 3 4 | 5 6 7 | 13 15 | ");
  push(16, 16);
  EXPECT_EQ(drain(), "3 4 5 6 7 13 15 16 ");
  EXPECT_EQ(fewer_, 0u) << "and not again as it is read";
  EXPECT_EQ(write(), 0u);
  EXPECT_TRUE(backlog_.idle());
}

TEST_F(BacklogTest, WhatAReadPackDoesNotOweIsCountedOffOnceAlsoAfterAStop) {
  for (std::uint64_t seq = 1; seq <= 9; ++seq) disk_[EventSeq{1}].add(EventSeq{seq});
  backlog_.resume({EventSeq{1}, EventSeq{9}, 8});
  gone_ = {EventSeq{9}};  // it was retried by hand
  read_some();
  write(true);
  ASSERT_EQ(on_disk(), "1 2 | 3 4 5 6 | 7 8 9 | ");
  gone_.insert({EventSeq{7}, EventSeq{8}});
  EXPECT_EQ(sift_all(), 2u) << "of eight six are owed";
  EXPECT_EQ(drain(), "1 2 3 4 5 6 ");
  EXPECT_EQ(fewer_, 0u);
}

TEST_F(BacklogTest, WhatIsInNoPackYetWaitsToBeSifted) {
  push(1, 8);
  EXPECT_TRUE(backlog_.next_packs({}, backlog_.last(), 100).empty());
  EXPECT_TRUE(backlog_.has_unwritten_up_to(EventSeq{8}));
  EXPECT_FALSE(backlog_.has_unwritten_up_to(EventSeq{4})) << "which is in the window";
  now_ += kTiny.pack_after;
  write();
  EXPECT_EQ(backlog_.next_packs({}, backlog_.last(), 100).size(), 2u);
  EXPECT_FALSE(backlog_.has_unwritten_up_to(EventSeq{8}));
}

TEST_F(BacklogTest, NumbersInMemoryThatAreInNoPackAreStillToBeWritten) {
  push(1, 8);
  ASSERT_FALSE(backlog_.next(2).empty());  // out of the tail
  EXPECT_TRUE(backlog_.has_unwritten_up_to(EventSeq{8}));
  now_ += kTiny.pack_after;
  write();
  EXPECT_FALSE(backlog_.has_unwritten_up_to(EventSeq{8}));
}

TEST_F(BacklogTest, SoManyEventsAreSiftedAtOnceOrOnePack) {
  push(1, 20);
  now_ += kTiny.pack_after;
  write();
  ASSERT_EQ(disk_.size(), 5u);
  EXPECT_EQ(backlog_.next_packs({}, EventSeq{kLast}, 1).size(), 1u);
  EXPECT_EQ(backlog_.next_packs({}, EventSeq{kLast}, 8).size(), 2u);
  EXPECT_EQ(backlog_.next_packs(EventSeq{8}, EventSeq{13}, 100).size(), 2u);
  EXPECT_TRUE(backlog_.next_packs(EventSeq{16}, EventSeq{14}, 100).empty()) << "the last one went further";
}

}  // namespace
}  // namespace exposee::engine

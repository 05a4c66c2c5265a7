#include "net/server/stream_buffer.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace exposee::net {
namespace {

constexpr std::size_t kBound = 100;

class StreamBufferTest : public testing::Test, public StreamCourier {
 protected:
  void stirred(std::uint64_t connection) override {
    EXPECT_EQ(connection, 7u);
    ++couriers_;
  }
  static std::string bytes(std::size_t size) { return std::string(size, 'x'); }

  int couriers_ = 0, rooms_ = 0;
  std::optional<StreamEnd> ended_;
  std::vector<StreamSent> sent_;
  StreamBuffer stream_{*this,
                       7,
                       StreamKind::whole,
                       {.room = [this] { ++rooms_; },
                        .ended = [this](StreamEnd why) { ended_ = why; },
                        .sent = [this](const StreamSent& sent) { sent_.push_back(sent); }},
                       kBound};
};

TEST_F(StreamBufferTest, WhatWasWrittenIsTakenInOnePieceByOneCourier) {
  EXPECT_EQ(stream_.write("hello "), Taken::more);
  EXPECT_EQ(stream_.write("you"), Taken::more);
  EXPECT_EQ(couriers_, 1);
  const auto piece = stream_.take();
  EXPECT_EQ(piece.bytes, "hello you");
  EXPECT_EQ(piece.state, StreamBuffer::State::open);
  EXPECT_FALSE(stream_.has_news());
  stream_.write("!");
  EXPECT_EQ(couriers_, 2);
}

TEST_F(StreamBufferTest, ACourierThatCameInVainIsFollowedByAnother) {
  stream_.write("a");
  stream_.notice();
  stream_.write("b");
  EXPECT_EQ(couriers_, 2);
}

TEST_F(StreamBufferTest, OverHalfOfTheBoundTheProducerIsToldWhenThereIsRoomAgain) {
  EXPECT_EQ(stream_.write(bytes(50)), Taken::more);
  EXPECT_EQ(stream_.write(bytes(50)), Taken::enough);
  stream_.take();
  stream_.left_unsent(100);
  stream_.left_unsent(51);
  EXPECT_EQ(rooms_, 0) << "what was taken and not sent is still unread";
  stream_.left_unsent(50);
  stream_.left_unsent(0);
  EXPECT_EQ(rooms_, 1);
}

TEST_F(StreamBufferTest, APieceThatDoesNotFitIsNotTakenUntilThereIsRoom) {
  EXPECT_EQ(stream_.write(bytes(60)), Taken::enough);
  EXPECT_EQ(stream_.write(bytes(41)), Taken::full);
  EXPECT_EQ(stream_.write(bytes(40)), Taken::enough) << "a smaller one may";
  EXPECT_EQ(stream_.take().bytes.size(), 100u);
  EXPECT_EQ(stream_.write(bytes(1)), Taken::full);
  stream_.left_unsent(40);
  EXPECT_EQ(rooms_, 1);
  EXPECT_EQ(stream_.write(bytes(400)), Taken::enough) << "where there is room any piece is taken";
}

TEST_F(StreamBufferTest, RoomThatWasToldOfIsNotTakenBackByWhatFramesAPiece) {
  EXPECT_EQ(stream_.write(bytes(50)), Taken::more);
  stream_.take();
  stream_.left_unsent(55) /* with its head */;
  EXPECT_EQ(stream_.write(bytes(50)), Taken::enough);
  stream_.left_unsent(0);
  EXPECT_EQ(rooms_, 1);
  stream_.take();
  stream_.left_unsent(55);
  EXPECT_EQ(stream_.write(bytes(50)), Taken::enough);
}

TEST_F(StreamBufferTest, TheLastPieceIsKnownAsTheLast) {
  stream_.write("a");
  stream_.finish();
  const auto piece = stream_.take();
  EXPECT_EQ(piece.bytes, "a");
  EXPECT_EQ(piece.state, StreamBuffer::State::finished);
  EXPECT_EQ(stream_.write("b"), Taken::ended);
}

TEST_F(StreamBufferTest, AnEndThatComesAloneIsNews) {
  stream_.write("a");
  stream_.take();
  stream_.finish();
  EXPECT_EQ(couriers_, 2);
  EXPECT_TRUE(stream_.has_news());
}

TEST_F(StreamBufferTest, OnceItEndedTheProducerIsToldOnceAndGivesNothingMore) {
  stream_.write(bytes(60));
  stream_.end(StreamEnd::client_left);
  EXPECT_EQ(ended_, StreamEnd::client_left);
  EXPECT_EQ(stream_.write("b"), Taken::ended);
  stream_.end(StreamEnd::server_stops);
  stream_.fail();
  EXPECT_EQ(ended_, StreamEnd::client_left);
  EXPECT_EQ(stream_.take().state, StreamBuffer::State::finished);
}

TEST_F(StreamBufferTest, WhoHasEndedItIsToldNothing) {
  stream_.write(bytes(60));
  stream_.finish();
  stream_.take();
  stream_.left_unsent(0);
  stream_.end(StreamEnd::client_left);
  EXPECT_EQ(rooms_, 0);
  EXPECT_FALSE(ended_);
}

TEST_F(StreamBufferTest, OnceAllOfItLeftThatIsToldAndNotBefore) {
  stream_.write(bytes(60));
  stream_.finish();
  stream_.take();
  stream_.left_unsent(10);
  EXPECT_TRUE(sent_.empty()) << "it is whole, and not sent";
  stream_.all_sent();
  stream_.close(StreamEnd::client_left);
  ASSERT_EQ(sent_.size(), 1u);
  EXPECT_EQ(sent_[0].bytes, 60u);
  EXPECT_TRUE(sent_[0].whole);
}

TEST_F(StreamBufferTest, WhatDidNotLeaveIsToldWhoeverEndedIt) {
  for (const bool by_producer : {true, false}) {
    sent_.clear();
    StreamBuffer stream(*this, 7, StreamKind::whole,
                        {.sent = [this](const StreamSent& sent) { sent_.push_back(sent); }}, kBound);
    stream.write(bytes(60));
    stream.take();
    stream.left_unsent(20);
    stream.write(bytes(5));
    if (by_producer) stream.finish();
    stream.close(StreamEnd::cut_off);
    ASSERT_EQ(sent_.size(), 1u);
    EXPECT_EQ(sent_[0].bytes, 40u);
    EXPECT_FALSE(sent_[0].whole);
  }
}

TEST(StreamBufferLife, AProducerThatItsEventsHoldIsLetGoOnceItEnded) {
  struct : StreamCourier {
    void stirred(std::uint64_t) override {}
  } nobody;
  for (const bool by_producer : {true, false}) {
    auto producer = std::make_shared<std::shared_ptr<StreamBuffer>>();
    const std::weak_ptr watched = producer;
    *producer = std::make_shared<StreamBuffer>(
        nobody, 1, StreamKind::live, StreamEvents{.room = [producer] {}, .ended = [producer](StreamEnd) {}},
        kBound);
    auto stream = *producer;
    producer = nullptr;
    EXPECT_FALSE(watched.expired());
    by_producer ? stream->finish() : stream->end(StreamEnd::client_left);
    EXPECT_TRUE(watched.expired());
  }
}

}  // namespace
}  // namespace exposee::net

#include "net/server/outgoing.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <memory>
#include <string>

#include "net/loop/test_socket.h"

namespace exposee::net {
namespace {

constexpr std::size_t kAll = 1024 * 1024 * 1024;  // bytes of a turn that is never over
constexpr std::size_t kMore = 8 * 1024 * 1024;    // than the buffers of two sockets hold

class OutgoingTest : public testing::Test {
 protected:
  OutgoingTest() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    near_ = Fd(fds[0]);
    far_ = std::make_unique<TestSocket>(Fd(fds[1]));
    EXPECT_EQ(::fcntl(near_.get(), F_SETFL, O_NONBLOCK), 0);
  }

  Fd near_;
  std::unique_ptr<TestSocket> far_;
  Outgoing out_;
};

TEST_F(OutgoingTest, WhatGoesAtOnceIsNotKept) {
  EXPECT_EQ(out_.send(near_.get(), "head|", std::string("body"), kAll), Outgoing::State::all_sent);
  EXPECT_TRUE(out_.empty());
  EXPECT_LT(out_.held_bytes(), 64u);
  EXPECT_EQ(far_->read_exactly(9), "head|body");
}

TEST_F(OutgoingTest, TheRestFollowsAsItIsRead) {
  const std::string lasting(kMore, 'x');
  auto state = out_.send(near_.get(), "head|", http::Body::of_program(lasting), kAll);
  EXPECT_EQ(state, Outgoing::State::blocked);
  EXPECT_LT(out_.held_bytes(), 64u) << "bytes of the program are not held";
  std::string got;
  while (state == Outgoing::State::blocked) {
    got += far_->read_exactly(64 * 1024);
    state = out_.go_on(near_.get(), kAll);
  }
  EXPECT_EQ(state, Outgoing::State::all_sent);
  got += far_->read_exactly(kMore + 5 - got.size());
  EXPECT_TRUE(got == "head|" + lasting);
}

TEST_F(OutgoingTest, OthersHaveTheirTurnAfterSoManyBytes) {
  EXPECT_EQ(out_.send(near_.get(), "head|", std::string("0123456789"), 8), Outgoing::State::paused);
  EXPECT_EQ(out_.left_bytes(), 7u);
  EXPECT_EQ(out_.go_on(near_.get(), 5), Outgoing::State::paused);
  EXPECT_EQ(out_.go_on(near_.get(), 5), Outgoing::State::all_sent);
  EXPECT_EQ(far_->read_exactly(15), "head|0123456789");
}

TEST_F(OutgoingTest, WhatHasGoneIsHeldNoLonger) {
  const std::string head(100, 'h'), body(10'000, 'b');
  EXPECT_EQ(out_.send(near_.get(), head, body, 1), Outgoing::State::paused);
  EXPECT_GT(out_.held_bytes(), body.size());
  EXPECT_EQ(out_.go_on(near_.get(), kAll), Outgoing::State::all_sent);
  EXPECT_LT(out_.held_bytes(), 64u);
}

TEST_F(OutgoingTest, AReplyGoesBehindAnInterimOneThatWaits) {
  EXPECT_EQ(out_.send(near_.get(), "100|", {}, 2), Outgoing::State::paused);
  EXPECT_EQ(out_.send(near_.get(), "head|", std::string("body"), kAll), Outgoing::State::all_sent);
  EXPECT_EQ(far_->read_exactly(13), "100|head|body");
}

TEST_F(OutgoingTest, AClientThatIsGoneBreaksIt) {
  far_->close();
  EXPECT_EQ(out_.send(near_.get(), "head", {}, kAll), Outgoing::State::broken);
}

}  // namespace
}  // namespace exposee::net

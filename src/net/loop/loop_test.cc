#include "net/loop/loop.h"

#include <sys/socket.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "net/loop/test_socket.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;

class CountingUser final : public LoopUser {
 public:
  void woken() override { ++wakes; }
  void ticked() override {
    ++ticks;
    tick.set_value(std::chrono::steady_clock::now());
  }
  void pass_ended() override { ++passes; }

  std::atomic<int> wakes{0}, ticks{0}, passes{0};
  std::promise<MonoTime> tick;
};

class CountingWatcher final : public Watcher {
 public:
  void ready(Readiness readiness) override {
    ++calls;
    last = readiness;
    if (on_ready) on_ready();
  }
  int calls = 0;
  Readiness last;
  std::function<void()> on_ready;
};

struct SocketPair {
  SocketPair() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    near = Fd(fds[0]);
    far = Fd(fds[1]);
  }
  void send(std::string_view text) {
    EXPECT_EQ(::send(far.get(), text.data(), text.size(), 0), ssize_t(text.size()));
  }
  Fd near, far;
};

class LoopTest : public testing::Test {
 protected:
  ~LoopTest() override { loop_.stop(); }
  void pass() {
    loop_.call([] {});
  }
  // Until the loop has dealt with everything that is ready now.
  void settle(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    bool reached = false;
    while (!reached && std::chrono::steady_clock::now() < limit) loop_.call([&] { reached = done(); });
    EXPECT_TRUE(reached);
  }

  CountingUser user_;
  Loop loop_{"loop-test", user_};
};

TEST_F(LoopTest, ACallThatMeetsTheEndIsNotWaitedForInVain) {
  constexpr int kRounds = 100;
  for (int i = 0; i < kRounds; ++i) {
    CountingUser user;
    Loop loop("loop-test", user);
    loop.start();
    std::promise<void> gate;
    loop.post([opened = gate.get_future().share()] { opened.wait(); });  // what the stop finds under way
    int ran = 0;
    std::promise<void> calling;
    std::jthread caller([&] {
      calling.set_value();
      loop.call([&ran] { ++ran; });
    });
    calling.get_future().wait();
    std::jthread stopper([&loop] { loop.stop(); });
    gate.set_value();
    caller.join();
    EXPECT_EQ(ran, 1);
  }
}

TEST_F(LoopTest, WakesAreTakenTogetherAndNoneIsLost) {
  loop_.wake();
  loop_.wake();
  loop_.start();
  pass();
  EXPECT_EQ(user_.wakes, 1);
  loop_.wake();
  pass();
  EXPECT_EQ(user_.wakes, 2);
  EXPECT_GE(user_.passes, 3);
}

TEST_F(LoopTest, AWakeUpIsOnePassAndATaskIsOne) {
  loop_.start();
  constexpr int kRounds = 100;
  for (int i = 0; i < kRounds; ++i) {
    int before = 0, after = 0;
    loop_.call([&] { before = user_.passes; });
    loop_.wake();
    loop_.call([&] { after = user_.passes; });
    EXPECT_EQ(after, before + 2);  // that of the first call, and the wake-up's
  }
}

TEST_F(LoopTest, AWakeUpComesBeforeATaskThatIsPostedAfterIt) {
  loop_.start();
  constexpr int kRounds = 1000;
  for (int i = 1; i <= kRounds; ++i) {
    loop_.wake();
    pass();
    EXPECT_EQ(user_.wakes, i);
  }
}

TEST_F(LoopTest, ATaskMayWakeAndPost) {
  loop_.start();
  std::promise<int> wakes;
  loop_.post([&] {
    loop_.wake();
    loop_.post([&] { wakes.set_value(user_.wakes); });
  });
  auto told = wakes.get_future();
  ASSERT_EQ(told.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(told.get(), 1);
}

TEST_F(LoopTest, NoTaskIsLostHoweverManyThreadsAsk) {
  loop_.start();
  constexpr int kThreads = 4, kRounds = 500;
  int ran = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < kRounds; ++round) {
          loop_.wake();
          loop_.call([&ran] { ++ran; });
        }
      });
    }
  }
  EXPECT_EQ(ran, kThreads * kRounds);
  EXPECT_GT(user_.wakes, 0);
}

TEST_F(LoopTest, SocketsThatAreAlwaysReadyHoldUpNeitherWakeUpsNorTasksNorTicks) {
  constexpr int kSockets = 300;  // more than a batch
  std::vector<SocketPair> pairs(kSockets);
  CountingWatcher watcher;
  for (auto& pair : pairs) {
    pair.send("x");
    ASSERT_TRUE(loop_.watch_level(pair.near.get(), watcher, true, false));
  }
  loop_.tick_in(milliseconds(1));
  loop_.start();
  loop_.wake();
  pass();
  EXPECT_EQ(user_.wakes, 1);
  auto ticked = user_.tick.get_future();
  ASSERT_EQ(ticked.wait_for(kPatience), std::future_status::ready);
  settle([&] { return watcher.calls > kSockets; });
  loop_.stop();  // before the watcher goes
}

TEST_F(LoopTest, ASoonerTickReplacesALaterOne) {
  loop_.start();
  const auto begun = std::chrono::steady_clock::now();
  loop_.call([this] {
    loop_.tick_in(std::chrono::hours(1));
    loop_.tick_in(milliseconds(20));
    loop_.tick_in(std::chrono::hours(2));
  });
  auto ticked = user_.tick.get_future();
  ASSERT_EQ(ticked.wait_for(kPatience), std::future_status::ready);
  EXPECT_GE(ticked.get() - begun, milliseconds(20));
  EXPECT_EQ(user_.ticks, 1);
}

TEST_F(LoopTest, EdgesAreToldOnceAndTheEndIsSaid) {
  SocketPair pair;
  CountingWatcher watcher;
  loop_.start();
  loop_.call([&] { ASSERT_TRUE(loop_.watch(pair.near.get(), watcher)); });
  settle([&] { return watcher.calls == 1 && watcher.last.writable && !watcher.last.readable; });
  pair.send("x");
  settle([&] { return watcher.calls == 2 && watcher.last.readable && !watcher.last.peer_closed; });
  ::shutdown(pair.far.get(), SHUT_WR);
  settle([&] { return watcher.calls == 3 && watcher.last.peer_closed && !watcher.last.broken; });
  pair.far.reset();
  settle([&] { return watcher.last.broken; });
  loop_.call([&] { loop_.unwatch(pair.near.get(), watcher); });
}

TEST_F(LoopTest, LevelTriggeredWatchersAreToldUntilTheyRead) {
  SocketPair pair;
  CountingWatcher watcher;
  loop_.start();
  pair.send("x");
  loop_.call([&] { ASSERT_TRUE(loop_.watch_level(pair.near.get(), watcher, true, false)); });
  settle([&] { return watcher.calls >= 3; });
  loop_.call([&] {
    ASSERT_TRUE(loop_.watch_level(pair.near.get(), watcher, false, true));
    loop_.unwatch(pair.near.get(), watcher);
  });
}

TEST_F(LoopTest, OneWatcherMayEndAnotherThatIsReadyToo) {
  SocketPair a, b;
  CountingWatcher first, second;
  first.on_ready = [&] { loop_.unwatch(b.near.get(), second); };
  second.on_ready = [&] { loop_.unwatch(a.near.get(), first); };
  a.send("x");
  b.send("x");
  loop_.call([&] {
    ASSERT_TRUE(loop_.watch_level(a.near.get(), first, true, false));
    ASSERT_TRUE(loop_.watch_level(b.near.get(), second, true, false));
  });
  loop_.start();
  settle([&] { return first.calls + second.calls > 0; });
  loop_.stop();
  EXPECT_TRUE(first.calls == 0 || second.calls == 0);
}

TEST_F(LoopTest, WhatRunsAsideHoldsUpNothingAndWhatComesAfterItRunsOnTheLoop) {
  loop_.start();
  std::promise<void> may_end, over;
  std::thread::id loops, works, ends;
  loop_.call([&] {
    loops = std::this_thread::get_id();
    const auto work = [&] {
      works = std::this_thread::get_id();
      may_end.get_future().wait();
    };
    const auto done = [&] {
      ends = std::this_thread::get_id();
      over.set_value();
    };
    ASSERT_TRUE(loop_.run_aside(work, done));
  });
  pass();  // it would not come back
  may_end.set_value();
  ASSERT_EQ(over.get_future().wait_for(kPatience), std::future_status::ready);
  EXPECT_NE(works, loops);
  EXPECT_EQ(ends, loops);
}

TEST_F(LoopTest, AStopWaitsForWhatRunsAsideAndNothingIsDoneAfterIt) {
  constexpr int kRounds = 100;
  for (int i = 0; i < kRounds; ++i) {
    CountingUser user;
    Loop loop("loop-test", user);
    loop.start();
    std::atomic<bool> worked = false, stopped = false;
    loop.call([&] {
      const auto work = [&] { worked = true; };
      ASSERT_TRUE(loop.run_aside(work, [&] { EXPECT_FALSE(stopped); }));
    });
    loop.stop();
    stopped = true;
    EXPECT_TRUE(worked);
  }
}

TEST_F(LoopTest, StopsTwiceAndThenCallsRunHere) {
  loop_.start();
  loop_.stop();
  loop_.stop();
  bool ran = false;
  loop_.call([&] { ran = true; });
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace exposee::net

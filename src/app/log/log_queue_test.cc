#include "app/log/log_queue.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <vector>

namespace exposee::app {
namespace {

using testing::HasSubstr;

constexpr LogQueueLimits kSmall{.bytes = 64, .reserve = 16, .patience = std::chrono::seconds(60)};

// What a reader of standard error got, who may stop reading. Shared with a thread that is left behind.
class FakeReader {
 public:
  LogWriter writer() {
    return [state = state_](std::string_view lines) {
      std::unique_lock lock(state->mutex);
      ++state->begun;
      state->changed.notify_all();
      state->changed.wait(lock, [&] { return state->reads; });
      if (state->fails) return false;
      state->got += lines;
      return true;
    };
  }
  void set(bool reads, bool fails) {
    const std::scoped_lock lock(state_->mutex);
    state_->reads = reads;
    state_->fails = fails;
    state_->changed.notify_all();
  }
  void wait_for_write(int nth) {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->begun >= nth; });
  }
  std::string got() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->got;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    bool reads = true, fails = false;
    int begun = 0;
    std::string got;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

std::string note(const DroppedLines& dropped) {
  return "dropped " + std::to_string(dropped.unread) + " " + std::to_string(dropped.unwritten) + "\n";
}

TEST(LogQueue, KeepsTheOrderOfLinesAndWritesAllOfThemBeforeItEnds) {
  FakeReader reader;
  std::string expected;
  {
    LogQueue queue(reader.writer(), note);
    for (int i = 0; i < 1000; ++i) {
      const auto line = std::to_string(i) + "\n";
      expected += line;
      queue.push(line, false);
    }
  }
  EXPECT_EQ(reader.got(), expected);
}

TEST(LogQueue, DropsWhatDoesNotFitAndSaysSoInItsPlace) {
  FakeReader reader;
  reader.set(false, false);
  LogQueue queue(reader.writer(), note, kSmall);
  queue.push("first\n", false);
  reader.wait_for_write(1);
  std::string line(23, 'x');
  line += '\n';
  for (int i = 0; i < 5; ++i) queue.push(line, false);
  reader.set(true, false);
  reader.wait_for_write(2);
  queue.push("last\n", false);
  reader.wait_for_write(3);
  EXPECT_THAT(reader.got(), testing::StartsWith("first\n" + line + line + "dropped 3 0\n"));
  EXPECT_EQ(queue.dropped(), 3u) << "still counted once it is told";
}

TEST(LogQueue, KeepsRoomForUrgentLines) {
  FakeReader reader;
  reader.set(false, false);
  {
    LogQueue queue(reader.writer(), note, kSmall);
    queue.push("first\n", false);
    reader.wait_for_write(1);
    for (int i = 0; i < 10; ++i) queue.push("0123456789012345678\n", false);
    queue.push("error\n", true);
    reader.set(true, false);
  }
  EXPECT_THAT(reader.got(), HasSubstr("dropped 8 0\nerror\n"));
}

TEST(LogQueue, LinesThatTheWriterLostAreCountedWithTheNextOnes) {
  FakeReader reader;
  reader.set(true, true);
  {
    LogQueue queue(reader.writer(), note);
    queue.push("one\ntwo\n", false);
    reader.wait_for_write(1);
    queue.push("three\n", false);
    reader.wait_for_write(2);
    reader.set(true, false);
    queue.push("four\n", false);
  }
  EXPECT_THAT(reader.got(), HasSubstr("four\ndropped 0 "));
}

TEST(LogQueue, DoesNotWaitForEverForAReaderThatIsStuck) {
  FakeReader reader;
  reader.set(false, false);
  {
    LogQueue queue(reader.writer(), note, {.patience = std::chrono::milliseconds(1)});
    queue.push("never read\n", false);
    reader.wait_for_write(1);
    queue.push("waits behind it\n", false);
  }
  reader.set(true, false);  // the thread that was left behind ends
  EXPECT_THAT(reader.got(), testing::Not(HasSubstr("waits behind it")));
}

}  // namespace
}  // namespace exposee::app

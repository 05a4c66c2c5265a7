// For tests of streams over real sockets: what their producer is told, waited for on the test's thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string_view>

#include "net/loop/test_socket.h"
#include "ports/reply_stream.h"

namespace exposee::net {

class TestProducer {
 public:
  StreamEvents events() {
    return {.room = [this] { note([this] { ++rooms_; }); },
            .ended = [this](StreamEnd why) { note([&] { end_ = why; }); },
            .sent = [this](const StreamSent& sent) { note([&] { sent_ = sent; }); }};
  }

  // Also true once the stream ended.
  bool has_room_within(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    const bool told = told_.wait_for(lock, wait, [this] { return rooms_ > 0 || end_; });
    if (rooms_ > 0) --rooms_;
    return told;
  }
  std::optional<StreamEnd> wait_for_end() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(told_.wait_for(lock, kPatience, [this] { return end_.has_value(); })) << "no end";
    return end_;
  }
  std::optional<StreamSent> wait_for_sent() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(told_.wait_for(lock, kPatience, [this] { return sent_.has_value(); })) << "nothing told";
    return sent_;
  }
  bool ended() {
    const std::lock_guard lock(mutex_);
    return end_.has_value();
  }

  // As fast as the client takes it; whether all was taken.
  bool write_all(ReplyStream& stream, std::string_view bytes, std::size_t piece_bytes) {
    while (!bytes.empty()) {
      const auto piece = bytes.substr(0, piece_bytes);
      const Taken taken = stream.write(piece);
      if (taken == Taken::ended) return false;
      if (taken != Taken::full) bytes.remove_prefix(piece.size());
      if (taken != Taken::more && !has_room_within(kPatience)) return false;
    }
    return true;
  }
  // Until no more is taken; how much was.
  static std::size_t fill(ReplyStream& stream, std::string_view piece) {
    std::size_t bytes = 0;
    for (auto taken = stream.write(piece); taken != Taken::full && taken != Taken::ended;
         taken = stream.write(piece)) {
      bytes += piece.size();
    }
    return bytes;
  }

 private:
  template <class Note>
  void note(Note&& note) {
    const std::lock_guard lock(mutex_);
    note();
    told_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable told_;
  int rooms_ = 0;
  std::optional<StreamEnd> end_;
  std::optional<StreamSent> sent_;
};

}  // namespace exposee::net

// The server's side of a stream for tests without one: collects what is written, and takes more of it as the
// test says. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "ports/reply_stream.h"

namespace exposee::fakes {

class CollectedStream final : public ReplyStream {
 public:
  // `whole`: finish() ended it. Called once, by the producer, and not when end() came first.
  using Done = std::function<void(std::string&& body, bool whole)>;
  // `reluctant`: after each piece the producer waits for give_room().
  CollectedStream(StreamEvents&& events, bool reluctant, Done done)
      : events_(std::make_shared<StreamEvents>(std::move(events))),
        reluctant_(reluctant),
        done_(std::move(done)) {}

  Taken write(std::string_view piece) override {
    const std::lock_guard lock(mutex_);
    if (!events_) return Taken::ended;
    body_ += piece;
    ++pieces_;
    return reluctant_ ? Taken::enough : Taken::more;
  }
  void finish() override { close(true); }
  void fail() override { close(false); }

  void give_room() {
    if (const auto events = current(); events && events->room) events->room();
  }
  void end(StreamEnd why) {
    const auto events = take_events();
    if (events && events->ended) events->ended(why);
    tell_sent(events, why == StreamEnd::head_alone);
  }
  std::size_t pieces() const {
    const std::lock_guard lock(mutex_);
    return pieces_;
  }

 private:
  std::shared_ptr<StreamEvents> current() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  std::shared_ptr<StreamEvents> take_events() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, nullptr);
  }
  void close(bool whole) {
    const auto events = take_events();
    tell_sent(events, whole);
    if (events) done_(std::move(body_), whole);
  }
  // A real server tells it later, once the last piece has left.
  void tell_sent(const std::shared_ptr<StreamEvents>& events, bool whole) const {
    if (events && events->sent) events->sent({body_.size(), whole});
  }

  mutable std::mutex mutex_;
  std::shared_ptr<StreamEvents> events_;  // null: it has ended
  std::string body_;
  std::size_t pieces_ = 0;
  const bool reluctant_;
  const Done done_;
};

}  // namespace exposee::fakes

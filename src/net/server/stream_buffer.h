// Between the producer of a reply that comes piece by piece and the connection that sends it: holds what
// was produced and not sent yet, up to a bound. The producer's side is ports/reply_stream.h (any thread),
// the other the server's; shared by both. Makes no calls while it holds its lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "ports/reply_stream.h"

namespace exposee::net {

// Carries the notifications of streams to the server's thread. Outlives the streams. Any thread.
class StreamCourier {
 public:
  virtual void stirred(std::uint64_t connection) = 0;  // take() gives something new

 protected:
  ~StreamCourier() = default;
};

class StreamBuffer final : public ReplyStream {
 public:
  StreamBuffer(StreamCourier& courier, std::uint64_t connection, StreamKind kind, StreamEvents&& events,
               std::size_t bound)
      : courier_(courier),
        connection_(connection),
        kind_(kind),
        bound_(bound),
        tell_sent_(std::exchange(events.sent, nullptr)),
        events_(std::make_shared<const StreamEvents>(std::move(events))) {}

  Taken write(std::string_view piece) override;
  void finish() override;
  void fail() override;

  // The rest is for the server's thread.

  enum class State : std::uint8_t { open, finished, failed };
  struct Piece {
    std::string bytes;  // all that came since the last one
    State state;        // finished: it is the last
  };
  StreamKind kind() const { return kind_; }
  State notice();  // notification delivered: the next news need another one
  bool has_news() const;
  Piece take();
  void left_unsent(std::size_t bytes);  // of what was taken
  std::size_t held_bytes() const;       // memory, without what was taken
  // Ends it for the producer, which is notified, if it is open: what it has given until now is all.
  void end(StreamEnd why);
  void all_sent();            // and that was all of it
  void close(StreamEnd why);  // ends it if it is open; what was not sent never will be

 private:
  std::size_t unread() const { return bytes_.size() + taken_; }
  bool has_room() const { return unread() <= bound_ / 2; }
  void end_by_producer(State state);
  void tell_sent(bool whole);

  StreamCourier& courier_;
  const std::uint64_t connection_;
  const StreamKind kind_;
  const std::size_t bound_;

  mutable std::mutex mutex_;  // guards what follows
  State state_ = State::open;
  std::string bytes_;
  std::size_t taken_ = 0;                       // bytes taken and not sent yet
  std::uint64_t taken_in_all_ = 0;              // bytes, sent ones too
  bool notified_ = false;                       // a notification is under way
  bool wants_room_ = false;                     // the producer waits for room
  std::function<void(const StreamSent&)> tell_sent_;  // null once it was
  std::shared_ptr<const StreamEvents> events_;  // null once it ended: they hold the producer
};

}  // namespace exposee::net

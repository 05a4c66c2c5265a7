#include "net/server/stream_buffer.h"

#include <algorithm>
#include <utility>

namespace exposee::net {

Taken StreamBuffer::write(std::string_view piece) {
  Taken taken = Taken::more;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::open) return Taken::ended;
    // A producer that was notified of room has it: framing may have been added to the pieces since.
    const bool fits = !wants_room_ || unread() + piece.size() <= bound_;
    if (fits) bytes_.append(piece);
    wants_room_ = !has_room();
    if (!fits) return Taken::full;
    if (wants_room_) taken = Taken::enough;
    if (std::exchange(notified_, true)) return taken;
  }
  courier_.stirred(connection_);
  return taken;
}

void StreamBuffer::finish() {
  end_by_producer(State::finished);
}

void StreamBuffer::fail() {
  end_by_producer(State::failed);
}

void StreamBuffer::end_by_producer(State state) {
  std::shared_ptr<const StreamEvents> events;  // goes when nothing is locked: it may be the producer's last
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::open) return;
    state_ = state;
    events.swap(events_);
    if (std::exchange(notified_, true)) return;
  }
  courier_.stirred(connection_);
}

StreamBuffer::State StreamBuffer::notice() {
  const std::lock_guard lock(mutex_);
  notified_ = false;
  return state_;
}

bool StreamBuffer::has_news() const {
  const std::lock_guard lock(mutex_);
  return !bytes_.empty() || state_ != State::open;
}

StreamBuffer::Piece StreamBuffer::take() {
  const std::lock_guard lock(mutex_);
  notified_ = false;
  taken_ = bytes_.size();
  taken_in_all_ += taken_;
  return {std::exchange(bytes_, {}), state_};
}

void StreamBuffer::left_unsent(std::size_t bytes) {
  std::shared_ptr<const StreamEvents> events;
  {
    const std::lock_guard lock(mutex_);
    taken_ = bytes;
    if (!wants_room_ || !has_room()) return;
    wants_room_ = false;
    events = events_;
  }
  if (events && events->room) events->room();
}

std::size_t StreamBuffer::held_bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_.capacity();
}

void StreamBuffer::end(StreamEnd why) {
  std::shared_ptr<const StreamEvents> events;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::open) return;
    state_ = State::finished;
    events.swap(events_);
  }
  if (events && events->ended) events->ended(why);
}

void StreamBuffer::all_sent() {
  tell_sent(true);
}

void StreamBuffer::close(StreamEnd why) {
  end(why);
  tell_sent(false);
}

// What frames the pieces counts as theirs, while it waits.
void StreamBuffer::tell_sent(bool whole) {
  std::function<void(const StreamSent&)> tell;
  StreamSent sent;
  {
    const std::lock_guard lock(mutex_);
    tell = std::exchange(tell_sent_, nullptr);
    const auto unsent = whole ? 0 : std::min<std::uint64_t>(taken_, taken_in_all_);
    sent = {taken_in_all_ - unsent, whole};
  }
  if (tell) tell(sent);
}

}  // namespace exposee::net

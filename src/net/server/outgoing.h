// Bytes on their way to a client: a reply's head and its body. What goes at once is never kept; of the rest
// the head's part is copied and the body stays where it lies. Part of a ServerConnection; used on its thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/body.h"

namespace exposee::net {

// What a connection sends, or reads, of a large message before others have their turn.
constexpr std::size_t kTurnBytes = 64 * 1024;

class Outgoing {
 public:
  enum class State {
    all_sent,
    blocked,  // the client must read first; the socket becomes writable then
    paused,   // there is room for more, but others have their turn first
    broken,
  };

  // Sends `head` and then `body`, behind what waits already: of which that can be an interim reply's head,
  // and never a body. At most `turn_bytes` go.
  State send(int fd, std::string_view head, http::Body body, std::size_t turn_bytes);
  State go_on(int fd, std::size_t turn_bytes);

  bool empty() const { return head_at_ == head_.size() && body_at_ == body_.size(); }
  // Memory that is held until the client reads.
  std::size_t held_bytes() const { return head_.capacity() + body_.held_bytes(); }
  std::size_t left_bytes() const { return head_.size() - head_at_ + body_.size() - body_at_; }

 private:
  void clear();

  std::string head_;
  std::size_t head_at_ = 0;
  http::Body body_;
  std::size_t body_at_ = 0;
};

}  // namespace exposee::net

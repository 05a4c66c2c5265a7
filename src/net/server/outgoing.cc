#include "net/server/outgoing.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>

#include "core/assert.h"
#include "core/text/give_back.h"

namespace exposee::net {
namespace {

iovec to_iovec(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg() only reads
}

// How many bytes of the two went, at most `limit`; below 0 as send() says it.
ssize_t send_both(int fd, std::string_view head, std::string_view body, std::size_t limit) {
  head = head.substr(0, limit);
  body = body.substr(0, limit - head.size());
  if (body.empty()) return ::send(fd, head.data(), head.size(), MSG_NOSIGNAL);
  iovec parts[] = {to_iovec(head), to_iovec(body)};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

struct Sent {
  std::size_t bytes = 0;
  Outgoing::State state = Outgoing::State::all_sent;
};

Sent send_some(int fd, std::string_view head, std::string_view body, std::size_t turn_bytes) {
  Sent sent;
  const std::size_t all = head.size() + body.size();
  while (sent.bytes < all) {
    if (sent.bytes >= turn_bytes) return {sent.bytes, Outgoing::State::paused};
    const std::size_t of_head = std::min(sent.bytes, head.size());
    const ssize_t count =
        send_both(fd, head.substr(of_head), body.substr(sent.bytes - of_head), turn_bytes - sent.bytes);
    if (count >= 0) {
      sent.bytes += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      return {sent.bytes, Outgoing::State::blocked};
    } else if (errno != EINTR) {
      return {sent.bytes, Outgoing::State::broken};
    }
  }
  return sent;
}

}  // namespace

Outgoing::State Outgoing::send(int fd, std::string_view head, http::Body body, std::size_t turn_bytes) {
  if (!empty()) {
    EXPOSEE_ASSERT(body_at_ == body_.size(), "a reply begins when the one before it has gone");
    head_.append(head);
    body_ = std::move(body);
    body_at_ = 0;
    return go_on(fd, turn_bytes);
  }
  const Sent sent = send_some(fd, head, body, turn_bytes);
  if (sent.state == State::all_sent) return sent.state;
  const std::size_t of_head = std::min(sent.bytes, head.size());
  head_ = head.substr(of_head);
  head_at_ = 0;
  body_ = std::move(body);
  body_at_ = sent.bytes - of_head;
  return sent.state;
}

Outgoing::State Outgoing::go_on(int fd, std::size_t turn_bytes) {
  const auto head = std::string_view(head_).substr(head_at_);
  const Sent sent = send_some(fd, head, body_.view().substr(body_at_), turn_bytes);
  const std::size_t of_head = std::min(sent.bytes, head.size());
  head_at_ += of_head;
  body_at_ += sent.bytes - of_head;
  if (sent.state == State::all_sent) clear();
  return sent.state;
}

// The memory too: idle connections are many.
void Outgoing::clear() {
  give_back(head_);
  head_at_ = 0;
  body_ = http::Body::of_program({});
  body_at_ = 0;
}

}  // namespace exposee::net

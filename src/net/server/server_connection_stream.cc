// Replies that come piece by piece.
#include <sys/socket.h>

#include <utility>

#include "net/server/server_connection.h"

namespace exposee::net {

void ServerConnection::begin_stream(std::uint64_t request, http::Response&& head,
                                    std::shared_ptr<StreamBuffer> stream) {
  if (phase_ != Phase::handling || request != request_) return stream->close(StreamEnd::client_left);
  context_.keep_alive = context_.keep_alive && !shared_.draining;
  context_.keep_alive_lines = shared_.keep_alive_lines;
  shared_.reply_buffer.clear();
  last_ = !http::write_stream_head(head, context_, shared_.date, shared_.reply_buffer);
  if (context_.head) {
    stream->end(StreamEnd::head_alone);
    stream_ = std::move(stream);
    enter(Phase::writing);
    send(shared_.reply_buffer, {});
  } else {
    if (shared_.draining && stream->kind() == StreamKind::live) stream->end(StreamEnd::server_stops);
    stream_ = std::move(stream);
    enter(Phase::streaming);
    send_piece();
    go_on_streaming();
  }
  pump();
}

void ServerConnection::stirred(std::uint64_t request) {
  if (phase_ != Phase::streaming || request != request_) return;
  if (stream_->notice() == StreamBuffer::State::failed) return close();
  go_on_streaming();
  pump();
}

// Sends what came, as long as the client takes it and it is this connection's turn.
void ServerConnection::go_on_streaming() {
  while (phase_ == Phase::streaming && out_.empty() && !waits_turn_ && stream_->has_news()) {
    if (shared_.pass_left == 0) return ask_turn();
    shared_.reply_buffer.clear();
    send_piece();
  }
}

// What came since the last piece, behind what stands in the reply buffer. Each piece has its own time: a
// stream may last for as long as its client reads.
void ServerConnection::send_piece() {
  auto [bytes, state] = stream_->take();
  if (state == StreamBuffer::State::failed) return close();
  const bool last = state == StreamBuffer::State::finished;
  if (context_.minor_version > 0) http::frame_chunk(bytes, last, shared_.reply_buffer);
  enter(last ? Phase::writing : Phase::streaming);
  send(shared_.reply_buffer, std::move(bytes));
  if (stream_) stream_->left_unsent(out_.left_bytes());
}

// The end of the connection is the end of a body that is not chunked: then only a reset shows that it is not
// whole.
void ServerConnection::show_unfinished() {
  if (!sending() || context_.minor_version > 0 || (!stream_ && out_.empty())) return;
  const struct ::linger at_once{1, 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void ServerConnection::end_streams() {
  show_unfinished();
  if (stream_) std::exchange(stream_, nullptr)->close(StreamEnd::server_stops);
}

}  // namespace exposee::net

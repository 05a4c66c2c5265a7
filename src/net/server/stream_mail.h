// What other threads have for the streams of a server: streams that begin, and that there is news of one.
// Taken by the server's thread in one piece, like finished replies. Owned by the server; any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "http/message.h"
#include "net/loop/loop.h"
#include "net/server/stream_buffer.h"

namespace exposee::net {

class StreamMail final : public StreamCourier {
 public:
  struct News {
    std::uint64_t connection;
    std::shared_ptr<StreamBuffer> begun;  // null: there is news of one that had begun
    http::Response head;
  };

  // `stream_bytes`: what each may hold (ServerOptions::max_stream_bytes).
  StreamMail(Loop& loop, std::size_t stream_bytes) : loop_(loop), stream_bytes_(stream_bytes) {}

  std::shared_ptr<ReplyStream> begin(std::uint64_t connection, http::Response&& head, StreamKind kind,
                                      StreamEvents&& events);
  void stirred(std::uint64_t connection) override;

  bool empty() const { return !any_.load(std::memory_order_acquire); }
  std::vector<News> take();
  // Nothing is taken any more: what begins, or had begun untaken, has ended.
  void stop();

 private:
  bool add(News&& news);

  Loop& loop_;
  const std::size_t stream_bytes_;
  std::atomic<bool> any_{false};
  std::mutex mutex_;  // guards what follows
  std::vector<News> news_;
  bool stopped_ = false;
};

}  // namespace exposee::net

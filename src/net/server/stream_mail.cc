#include "net/server/stream_mail.h"

#include <utility>

namespace exposee::net {

std::shared_ptr<ReplyStream> StreamMail::begin(std::uint64_t connection, http::Response&& head,
                                                StreamKind kind, StreamEvents&& events) {
  auto stream = std::make_shared<StreamBuffer>(*this, connection, kind, std::move(events), stream_bytes_);
  if (!add({connection, stream, std::move(head)})) stream->close(StreamEnd::server_stops);
  return stream;
}

void StreamMail::stirred(std::uint64_t connection) {
  add({connection, nullptr, {}});
}

// False: too late.
bool StreamMail::add(News&& news) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return false;
    news_.push_back(std::move(news));
    any_.store(true, std::memory_order_release);
  }
  loop_.wake();
  return true;
}

std::vector<StreamMail::News> StreamMail::take() {
  const std::lock_guard lock(mutex_);
  any_.store(false, std::memory_order_relaxed);
  return std::exchange(news_, {});
}

void StreamMail::stop() {
  std::vector<News> untaken;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    untaken.swap(news_);
  }
  for (const auto& news : untaken) {
    if (news.begun) news.begun->close(StreamEnd::server_stops);
  }
}

}  // namespace exposee::net

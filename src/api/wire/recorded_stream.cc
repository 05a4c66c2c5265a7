#include "api/wire/recorded_stream.h"

#include <atomic>
#include <utility>

namespace exposee::api {
namespace {

// Whoever ends the stream tells: the producer, or the server on its own thread.
class Told {
 public:
  Told(CallRecord record, int status) : record_(std::move(record)), status_(status) {}

  void add(std::size_t bytes) { bytes_.fetch_add(bytes, std::memory_order_relaxed); }
  void once(bool whole) {
    if (!told_.exchange(true)) record_.answered(status_, bytes_.load(std::memory_order_relaxed), whole);
  }

 private:
  const CallRecord record_;
  const int status_;
  std::atomic<std::size_t> bytes_{0};
  std::atomic<bool> told_{false};
};

class RecordedStream final : public ReplyStream {
 public:
  RecordedStream(std::shared_ptr<ReplyStream> stream, std::shared_ptr<Told> told)
      : stream_(std::move(stream)), told_(std::move(told)) {}

  Taken write(std::string_view piece) override {
    const Taken taken = stream_->write(piece);
    if (taken == Taken::more || taken == Taken::enough) told_->add(piece.size());
    return taken;
  }
  void finish() override {
    told_->once(true);
    stream_->finish();
  }
  void fail() override {
    told_->once(false);
    stream_->fail();
  }

 private:
  const std::shared_ptr<ReplyStream> stream_;
  const std::shared_ptr<Told> told_;
};

// A live stream has no end that could be missing.
bool is_whole(StreamKind kind, StreamEnd why) {
  return kind == StreamKind::live || why == StreamEnd::head_alone;
}

}  // namespace

std::shared_ptr<ReplyStream> recorded_stream(const Responder& respond, http::Response head, StreamKind kind,
                                              StreamEvents events, CallRecord record) {
  auto told = std::make_shared<Told>(std::move(record), head.status);
  events.ended = [told, kind, ended = std::move(events.ended)](StreamEnd why) {
    told->once(is_whole(kind, why));
    if (ended) ended(why);
  };
  auto stream = respond.stream(std::move(head), kind, std::move(events));
  return std::make_shared<RecordedStream>(std::move(stream), std::move(told));
}

}  // namespace exposee::api

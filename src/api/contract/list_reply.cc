#include "api/contract/list_reply.h"

#include <atomic>
#include <memory>
#include <utility>

namespace exposee::api {
namespace {

http::Response head_of_list() {
  return to_response(json_reply(200, "[]"));
}

// A list that goes on beyond its first piece. Held by what leads on to its next piece: a queued read, or the
// events of its stream.
class ListReply : public std::enable_shared_from_this<ListReply> {
 public:
  ListReply(Context& context, std::string_view path, NextRows next)
      : context_(context), path_(path), next_(std::move(next)) {}

  void begin(const Replier& answer, std::string_view first_piece) {
    stream_ = answer.stream(head_of_list(), StreamKind::whole,
                            {.room = [self = shared_from_this()] { self->read_later(); },
                             .ended = [self = shared_from_this()](StreamEnd) { self->ended_ = true; }});
    write(first_piece);
  }

 private:
  void read_later() {
    const bool queued = context_.reads.finish(
        [self = shared_from_this()](Reader* reader) { self->read(reader); }, Weight::light);
    if (!queued) stream_->fail();  // the server ends
  }

  void read(Reader* reader) {
    if (ended_) return;
    if (!reader) return cut_off({ErrorCode::unavailable, "The store cannot be opened.", {}});
    std::string piece;
    const auto more = next_(*reader, piece);
    if (!more) return cut_off(more.error());
    if (*more) return write(piece);
    stream_->write(piece += ']');
    stream_->finish();
  }

  // Nothing of this is touched after a piece was written: the next may be under way on another thread.
  void write(std::string_view piece) {
    if (stream_->write(piece) == Taken::more) read_later();
  }

  void cut_off(const Error& error) {
    context_.calls.reply_cut_off(path_, error);
    stream_->fail();
  }

  Context& context_;
  const std::string path_;
  const NextRows next_;
  std::shared_ptr<ReplyStream> stream_;
  std::atomic<bool> ended_{false};  // it is not read any more
};

}  // namespace

void reply_list(Context& context, Reader& reader, const Replier& answer, std::string_view path,
                 NextRows next) {
  std::string json = "[";
  const auto more = next(reader, json);
  if (!more) return answer(store_trouble(Family::contract, more.error()));
  if (!*more) return answer(json_reply(200, json += ']'));
  std::make_shared<ListReply>(context, path, std::move(next))->begin(answer, json);
}

}  // namespace exposee::api

#include "engine/inbox.h"

#include <utility>

namespace exposee::engine {

void Inbox::submit(Command&& command) {
  std::unique_lock lock(mutex_);
  waiting_.commands.push_back(std::move(command));
  if (sleep_ != Sleep::none) arrived_.notify_one();
}

void Inbox::answered(std::vector<SendResult>&& results) {
  std::unique_lock lock(mutex_);
  responses_waiting_ += results.size();
  waiting_.results.push_back(std::move(results));
  if (sleep_ != Sleep::none && has_reason()) arrived_.notify_one();
}

void Inbox::backlog_read(BacklogResults&& results) {
  std::unique_lock lock(mutex_);
  waiting_.reads.add(std::move(results));
  if (sleep_ != Sleep::none) arrived_.notify_one();
}

void Inbox::take(Batch& batch) {
  std::unique_lock lock(mutex_);
  std::swap(waiting_, batch);
  responses_waiting_ = 0;
  woken_ = false;
}

bool Inbox::has_reason() const {
  if (woken_ || !waiting_.commands.empty() || !waiting_.reads.empty()) return true;
  return responses_waiting_ >= (sleep_ == Sleep::many_responses ? kResponseCompany : 1);
}

void Inbox::wait_for(Duration limit) {
  std::unique_lock lock(mutex_);
  sleep_ = Sleep::anything;
  const bool came = arrived_.wait_for(lock, limit, [this] { return has_reason(); });
  sleep_ = Sleep::many_responses;
  if (came && !has_reason()) arrived_.wait_for(lock, kResponseLinger, [this] { return has_reason(); });
  sleep_ = Sleep::none;
}

void Inbox::wake() {
  std::unique_lock lock(mutex_);
  woken_ = true;
  arrived_.notify_one();
}

}  // namespace exposee::engine

#include "engine/inbox.h"

#include <iterator>

namespace exposee::engine {

void Inbox::submit(Command&& command) {
  std::unique_lock lock(mutex_);
  waiting_.commands.push_back(std::move(command));
  if (sleep_ != Sleep::none) arrived_.notify_one();
}

void Inbox::answered(std::vector<SendResult>&& results) {
  std::unique_lock lock(mutex_);
  if (waiting_.results.empty()) {
    waiting_.results.swap(results);
  } else {
    waiting_.results.insert(waiting_.results.end(), std::make_move_iterator(results.begin()),
                            std::make_move_iterator(results.end()));
  }
  if (sleep_ != Sleep::none && has_reason()) arrived_.notify_one();
}

void Inbox::take(Batch& batch) {
  std::unique_lock lock(mutex_);
  std::swap(waiting_, batch);
  woken_ = false;
}

bool Inbox::has_reason() const {
  if (woken_ || !waiting_.commands.empty()) return true;
  return waiting_.results.size() >= (sleep_ == Sleep::many_answers ? kAnswerCompany : 1);
}

void Inbox::wait_for(Duration limit) {
  std::unique_lock lock(mutex_);
  sleep_ = Sleep::anything;
  const bool came = arrived_.wait_for(lock, limit, [this] { return has_reason(); });
  sleep_ = Sleep::many_answers;
  if (came && !has_reason()) arrived_.wait_for(lock, kAnswerLinger, [this] { return has_reason(); });
  sleep_ = Sleep::none;
}

void Inbox::wake() {
  std::unique_lock lock(mutex_);
  woken_ = true;
  arrived_.notify_one();
}

}  // namespace exposee::engine

#include "engine/chores.h"

namespace exposee::engine {

void Chore::succeeded(Instant next, Observer& observer) {
  due_ = next;
  if (wait_ == Duration::zero()) return;
  wait_ = {};
  observer.chore_recovered(kind_);
}

void Chore::failed(const Error& error, Instant now, Observer& observer) {
  if (wait_ == Duration::zero()) observer.chore_failed(kind_, error);
  wait_ = longer(wait_);
  due_ = now + wait_;
}

}  // namespace exposee::engine

#include "api/prober.h"

#include <utility>

#include "core/assert.h"

namespace exposee::api {

bool Prober::send(std::vector<SendJob> jobs, Done done) {
  if (jobs.empty()) {
    done({});
    return true;
  }
  if (!admit(jobs, std::move(done))) return false;
  sender_.send(std::move(jobs), *this);
  return true;
}

bool Prober::admit(std::vector<SendJob>& jobs, Done&& done) {
  auto group = std::make_shared<Group>(Group{std::vector<Answer>(jobs.size()), jobs.size(), std::move(done)});
  const std::lock_guard lock(mutex_);
  if (!waiting_.empty() && waiting_.size() + jobs.size() > kMaxProbesUnderWay) return false;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].ticket = ++last_ticket_;
    waiting_.emplace(jobs[i].ticket, Place{group, i});
  }
  return true;
}

void Prober::answered(std::vector<SendResult>&& results) {
  for (auto& result : results) {
    if (const auto group = settle(std::move(result))) group->done(std::move(group->answers));
  }
}

std::shared_ptr<Prober::Group> Prober::settle(SendResult&& result) {
  const std::lock_guard lock(mutex_);
  auto place = waiting_.extract(result.ticket);
  EXPOSEE_ASSERT(place, "the sender answers every job exactly once");
  auto& group = place.mapped().group;
  group->answers[place.mapped().index] = std::move(result.answer);
  return --group->missing == 0 ? group : nullptr;
}

}  // namespace exposee::api

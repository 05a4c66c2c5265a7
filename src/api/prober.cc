#include "api/prober.h"

#include <utility>

#include "api/explain.h"
#include "core/assert.h"

namespace exposee::api {

bool Prober::send(std::string_view kind, std::vector<SendJob> jobs, Done done) {
  if (jobs.empty()) {
    done({});
    return true;
  }
  if (!admit(kind, jobs, std::move(done))) return false;
  sender_.send(std::move(jobs), *this);
  return true;
}

bool Prober::admit(std::string_view kind, std::vector<SendJob>& jobs, Done&& done) {
  auto group = std::make_shared<Group>(Group{std::vector<Answer>(jobs.size()), jobs.size(), std::move(done)});
  const std::lock_guard lock(mutex_);
  if (!waiting_.empty() && waiting_.size() + jobs.size() > kMaxProbesUnderWay) return false;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].ticket = ++last_ticket_;
    waiting_.emplace(jobs[i].ticket, Place{group, i, kind, jobs[i].target, jobs[i].event});
  }
  return true;
}

void Prober::answered(std::vector<SendResult>&& results) {
  for (auto& result : results) {
    const Place place = take(result.ticket);
    note(place, result.answer);
    if (const auto group = settle(place, std::move(result.answer))) group->done(std::move(group->answers));
  }
}

Prober::Place Prober::take(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  auto place = waiting_.extract(ticket);
  EXPOSEE_ASSERT(place, "the sender answers every job exactly once");
  return std::move(place.mapped());
}

void Prober::note(const Place& place, const Answer& answer) const {
  if (note_) note_({place.kind, *place.event, place.target->url, answer, cause_of(answer)});
}

std::shared_ptr<Prober::Group> Prober::settle(const Place& place, Answer&& answer) {
  const std::lock_guard lock(mutex_);
  const auto& group = place.group;
  group->answers[place.index] = std::move(answer);
  return --group->missing == 0 ? group : nullptr;
}

}  // namespace exposee::api

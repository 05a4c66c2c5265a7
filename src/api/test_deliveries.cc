#include "api/test_deliveries.h"

#include <set>
#include <utility>

#include "api/v1/explain.h"
#include "core/assert.h"

namespace exposee::api {

bool TestDeliveries::send(TestKind kind, std::vector<SendJob> jobs, Done done) {
  auto permit = admit(jobs.size());
  if (!permit) return false;
  if (jobs.empty()) {
    done({}, std::move(permit));
    return true;
  }
  const auto count = jobs.size();
  auto group = std::make_shared<Group>(Group{.kind = kind,
                                             .jobs = std::move(jobs),
                                             .responses = std::vector<Response>(count),
                                             .done = std::move(done),
                                             .permit = std::move(permit)});
  {
    const std::lock_guard lock(mutex_);
    turns_.push_back(std::move(group));
  }
  begin_more();
  return true;
}

TestDeliveries::Permit TestDeliveries::admit(std::size_t count) {
  const std::lock_guard lock(mutex_);
  if (*admitted_ + count > limits_.admitted) return nullptr;
  *admitted_ += count;
  return {admitted_.get(), [admitted = admitted_, count](void*) { *admitted -= count; }};
}

// A sender that answers at once calls back from within: that is noted and done by the loop, not on the stack.
void TestDeliveries::begin_more() {
  {
    const std::lock_guard lock(mutex_);
    again_ = true;
    if (std::exchange(beginning_, true)) return;
  }
  while (true) {
    auto jobs = next_jobs();
    if (!jobs.empty()) {
      sender_.send(std::move(jobs), *this);
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (std::exchange(again_, false)) continue;
    beginning_ = false;
    return;
  }
}

// One job of each call in turn, as far as the limits allow.
std::vector<SendJob> TestDeliveries::next_jobs() {
  std::vector<SendJob> jobs;
  const std::lock_guard lock(mutex_);
  std::size_t waiting = 0;  // groups in a row that may not begin another one
  while (waiting < turns_.size() && under_way_.size() < limits_.concurrency) {
    auto group = std::move(turns_.front());
    turns_.pop_front();
    if (!may_begin(*group)) {
      ++waiting;
      turns_.push_back(std::move(group));
      continue;
    }
    waiting = 0;
    auto& job = jobs.emplace_back(group->jobs[group->begun]);
    job.ticket = ++last_ticket_;
    under_way_.emplace(job.ticket, Place{group, group->begun});
    if (++group->begun < group->jobs.size()) turns_.push_back(std::move(group));
  }
  return jobs;
}

bool TestDeliveries::may_begin(const Group& group) const {
  return group.begun - group.ended < limits_.concurrency_per_call;
}

void TestDeliveries::answered(std::vector<SendResult>&& results) {
  if (well_) tell_who_is_well(results);
  for (auto& result : results) {
    const Place place = take(result.ticket);
    note(place, result.response);
    if (!settle(place, std::move(result.response))) continue;
    auto& group = *place.group;
    group.done(std::move(group.responses), std::move(group.permit));
  }
  begin_more();
}

void TestDeliveries::tell_who_is_well(const std::vector<SendResult>& results) {
  std::set<EndpointNumber> well;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& result : results) {
      const auto& place = under_way_.at(result.ticket);
      const bool succeeded = result.response.status >= 200 && result.response.status < 300;
      if (succeeded) well.insert(place.group->jobs[place.index].target->endpoint);
    }
  }
  if (!well.empty()) well_({well.begin(), well.end()});
}

TestDeliveries::Place TestDeliveries::take(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  auto place = under_way_.extract(ticket);
  EXPOSEE_ASSERT(place, "the sender answers every job exactly once");
  return std::move(place.mapped());
}

void TestDeliveries::note(const Place& place, const Response& response) const {
  const auto& job = place.group->jobs[place.index];
  observer_.test_finished({place.group->kind, *job.event, job.target->url, response, cause_of(response)});
}

bool TestDeliveries::settle(const Place& place, Response&& response) {
  const std::lock_guard lock(mutex_);
  auto& group = *place.group;
  group.responses[place.index] = std::move(response);
  return ++group.ended == group.jobs.size();
}

}  // namespace exposee::api

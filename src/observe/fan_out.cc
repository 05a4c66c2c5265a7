#include "observe/fan_out.h"

#include <algorithm>

namespace exposee::observe {

void FanOut::attempt_finished(const AttemptNote& note) {
  for (auto* member : members_) member->attempt_finished(note);
}

void FanOut::turn_committed(const TurnNote& note) {
  for (auto* member : members_) member->turn_committed(note);
}

void FanOut::registry_changed(const ChangeNote& note) {
  for (auto* member : members_) member->registry_changed(note);
}

void FanOut::store_failed(const Error& error) {
  for (auto* member : members_) member->store_failed(error);
}

void FanOut::store_recovered() {
  for (auto* member : members_) member->store_recovered();
}

void FanOut::attempt_not_begun(const Endpoint& endpoint, std::string_view why, Instant now) {
  for (auto* member : members_) member->attempt_not_begun(endpoint, why, now);
}

void FanOut::endpoint_disabled(const Endpoint& endpoint) {
  for (auto* member : members_) member->endpoint_disabled(endpoint);
}

void FanOut::breaker_changed(const Endpoint& endpoint, bool open) {
  for (auto* member : members_) member->breaker_changed(endpoint, open);
}

void FanOut::hold_changed(const Endpoint& endpoint, std::optional<Instant> until) {
  for (auto* member : members_) member->hold_changed(endpoint, until);
}

void FanOut::chore_failed(ChoreKind chore, const Error& error) {
  for (auto* member : members_) member->chore_failed(chore, error);
}
void FanOut::chore_recovered(ChoreKind chore) {
  for (auto* member : members_) member->chore_recovered(chore);
}

void FanOut::delivery_overflowed(const Endpoint& endpoint, Instant now) {
  for (auto* member : members_) member->delivery_overflowed(endpoint, now);
}

void FanOut::delivery_unreadable(const DeliveryKey& key, const Endpoint& endpoint) {
  for (auto* member : members_) member->delivery_unreadable(key, endpoint);
}

void FanOut::disk_low(bool low, std::uint64_t free, std::uint64_t least) {
  for (auto* member : members_) member->disk_low(low, free, least);
}

void FanOut::row_in_trouble(const RowTrouble& trouble) {
  for (auto* member : members_) member->row_in_trouble(trouble);
}

void FanOut::turn_ended(const TurnEnd& end) {
  for (auto* member : members_) member->turn_ended(end);
}

void FanOut::endpoints_counted(const Census& census) {
  for (auto* member : members_) member->endpoints_counted(census);
}

bool CallFanOut::wants_details() const {
  return std::ranges::any_of(members_, [](const CallObserver* member) { return member->wants_details(); });
}

void CallFanOut::call_answered(const CallNote& note) {
  for (auto* member : members_) member->call_answered(note);
}

void CallFanOut::reply_cut_off(std::string_view path, const Error& error) {
  for (auto* member : members_) member->reply_cut_off(path, error);
}

void CallFanOut::test_finished(const TestNote& note) {
  for (auto* member : members_) member->test_finished(note);
}

void CallFanOut::host_refused(std::string_view host, Instant now) {
  for (auto* member : members_) member->host_refused(host, now);
}

}  // namespace exposee::observe

#include "observe/live_ring.h"

#include <algorithm>

#include "core/assert.h"

namespace exposee::observe {
namespace {

LiveKind kind_of(RegistryChange what) {
  switch (what) {
    case RegistryChange::endpoint_registered:
      return LiveKind::endpoint_registered;
    case RegistryChange::endpoint_changed:
      return LiveKind::endpoint_changed;
    case RegistryChange::endpoint_enabled:
      return LiveKind::endpoint_enabled;
    case RegistryChange::endpoint_disabled:
      return LiveKind::endpoint_disabled;
    case RegistryChange::endpoint_removed:
      return LiveKind::endpoint_removed;
    case RegistryChange::type_declared:
      return LiveKind::type_declared;
    case RegistryChange::type_removed:
      break;
  }
  return LiveKind::type_removed;
}

}  // namespace

// The room is made here, on the follower's thread.
LiveRing::Follower::Follower(LiveRing& ring, Wake wake) : ring_(ring), wake_(std::move(wake)) {
  const std::lock_guard lock(ring_.followers_mutex_);
  {
    const std::lock_guard notes_lock(ring_.mutex_);
    ring_.notes_.resize(ring_.capacity_);
  }
  ring_.followers_.push_back(this);
  ring_.followed_ = true;
}

LiveRing::Follower::~Follower() {
  const std::lock_guard lock(ring_.followers_mutex_);
  std::erase(ring_.followers_, this);
  ring_.followed_ = !ring_.followers_.empty();
}

LiveRing::Page LiveRing::read(std::uint64_t after, std::size_t limit) const {
  Page page;
  page.notes.reserve(std::min(limit, capacity_));
  const std::lock_guard lock(mutex_);
  page.restarted = after != 0 && (after + 1 < begin_ || after > last_id());
  if (page.restarted || after == 0) after = begin_ - 1;
  const auto from = std::clamp(after + 1, first_, end_);
  const auto to = std::min<std::uint64_t>(end_, from + limit);
  for (auto id = from; id < to; ++id) page.notes.push_back(notes_[id % capacity_]);
  if (!page.notes.empty()) page.missed = from - after - 1;
  page.read_on = page.notes.empty() ? after : to - 1;
  page.more = to < end_;
  return page;
}

std::uint64_t LiveRing::next_id() {
  const auto id = last_id_.load(std::memory_order_relaxed) + 1;
  last_id_.store(id, std::memory_order_release);
  return id;
}

void LiveRing::attempt_finished(const AttemptNote& note) {
  const auto id = next_id();
  if (!is_followed()) return;
  const auto& response = *note.response;
  keep({.id = id,
        .kind = LiveKind::attempt,
        .endpoint = note.endpoint->number,
        .endpoint_id = note.endpoint->id,
        .delivery = note.key,
        .event_id = note.event->id,
        .type = note.event->type,
        .attempt = note.attempt,
        .http_status = static_cast<std::uint16_t>(response.status),
        .cause = note.cause,
        .status = note.status,
        .started_at = response.started_at,
        .took = response.timing.total,
        .next_at = note.next_at});
}

void LiveRing::registry_changed(const ChangeNote& note) {
  put(kind_of(note.what), note.endpoint.get());
}

// By hand it is a change of the registry, and noted as that.
void LiveRing::endpoint_disabled(const Endpoint& endpoint) {
  if (endpoint.disabled_reason != kDisabledByHand) put(LiveKind::endpoint_given_up, &endpoint);
}

void LiveRing::put(LiveKind kind, const Endpoint* endpoint) {
  const auto id = next_id();
  if (!is_followed()) return;
  LiveNote note{.id = id, .kind = kind};
  if (endpoint) {
    note.endpoint = endpoint->number;
    note.endpoint_id = endpoint->id;
  }
  keep(std::move(note));
}

// What was not kept lies between the last one kept and this one: then the ring begins anew, and readers see that they
// missed something.
void LiveRing::keep(LiveNote&& note) {
  const std::lock_guard lock(mutex_);
  if (note.id != end_) first_ = note.id;
  end_ = note.id + 1;
  first_ = std::max<std::uint64_t>(first_, end_ - std::min<std::uint64_t>(end_ - 1, capacity_));
  notes_[note.id % capacity_] = std::move(note);
  has_news_ = true;
}

// Under a lock of its own, so that a follower that is gone is never woken, and one that is woken can read.
void LiveRing::turn_ended(const TurnEnd&) {
  if (!std::exchange(has_news_, false)) return;
  const std::lock_guard lock(followers_mutex_);
  for (const auto* follower : followers_) {
    if (follower->wake_) follower->wake_();
  }
}

}  // namespace exposee::observe

#include "sim/world/ledger.h"

#include <gtest/gtest.h>

#include <vector>

namespace exposee::sim {

using namespace fakes;

namespace {

std::size_t place_of(DeliveryStatus status) {
  return static_cast<std::size_t>(status);
}

}  // namespace

void Ledger::begin_anew() {
  last_ = {};
  all_.clear();
  open_.clear();
  open_of_.clear();
  accepted_ = 0;
  sums_ = {};
  bring_up_to_date();
}

// I13: each is known, under one status.
void Ledger::bring_up_to_date() {
  for (auto it = state_.events.upper_bound(last_); it != state_.events.end(); ++it) take(*it->second);
  const std::vector<DeliveryKey> open(open_.begin(), open_.end());
  for (const auto& key : open) {
    const auto view = memory::view_delivery(state_, key);
    ASSERT_TRUE(view) << "I13: what was owed is known";
    move(key, view->row.status);
  }
}

void Ledger::take(const Event& event) {
  last_ = event.seq;
  for (const auto& view : memory::deliveries_of(state_, event)) {
    const auto& key = view.row.key;
    all_.emplace(key, DeliveryStatus::pending);
    open_.insert(key);
    ++open_of_[key.endpoint];
    ++accepted_;
    ++sums_[place_of(DeliveryStatus::pending)];
  }
}

void Ledger::move(const DeliveryKey& key, DeliveryStatus status) {
  auto& now = all_.at(key);
  if (now == status) return;
  --sums_[place_of(now)];
  ++sums_[place_of(status)];
  const bool was_open = now == DeliveryStatus::pending;
  now = status;
  if (was_open) {
    open_.erase(key);
    --open_of_[key.endpoint];
  } else if (status == DeliveryStatus::pending) {
    open_.insert(key);
    ++open_of_[key.endpoint];
  }
}

void Ledger::look_again(const DeliveryKey& key) {
  if (!all_.contains(key)) return;
  if (const auto view = memory::view_delivery(state_, key)) move(key, view->row.status);
}

void Ledger::drop(EventSeq event) {
  for (auto it = all_.lower_bound({event, {}}); it != all_.end() && it->first.event == event;) {
    const auto key = (it++)->first;
    move(key, DeliveryStatus::cancelled);
    --sums_[place_of(DeliveryStatus::cancelled)];
    --accepted_;
    all_.erase(key);
  }
}

std::optional<DeliveryStatus> Ledger::status(const DeliveryKey& key) const {
  const auto found = all_.find(key);
  return found == all_.end() ? std::nullopt : std::optional(found->second);
}

std::uint64_t Ledger::open_of(EndpointNumber endpoint) const {
  const auto found = open_of_.find(endpoint);
  return found == open_of_.end() ? 0 : found->second;
}

Ledger::Account Ledger::recount() const {
  Account sums{};
  for (const auto& [seq, event] : state_.events) {
    for (const auto& view : memory::deliveries_of(state_, *event)) ++sums[place_of(view.row.status)];
  }
  return sums;
}

}  // namespace exposee::sim

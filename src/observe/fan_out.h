// One observer made of several: the engine and the API each know one door, and behind it stand the log, the
// counters, the live ring. Each is called in the order in which it was named; none must throw. Owned by the
// wiring, with the members; on the threads of the doors.
#pragma once

#include <vector>

#include "ports/call_observer.h"
#include "ports/observer.h"

namespace exposee::observe {

class FanOut final : public Observer {
 public:
  explicit FanOut(std::vector<Observer*> members) : members_(std::move(members)) {}  // they outlive it

  void attempt_finished(const AttemptNote& note) override;
  void turn_committed(const TurnNote& note) override;
  void registry_changed(const ChangeNote& note) override;
  void store_failed(const Error& error) override;
  void store_recovered() override;
  void attempt_not_begun(const Endpoint& endpoint, std::string_view why, Instant now) override;
  void endpoint_disabled(const Endpoint& endpoint) override;
  void breaker_changed(const Endpoint& endpoint, bool open) override;
  void hold_changed(const Endpoint& endpoint, std::optional<Instant> until) override;
  void chore_failed(ChoreKind chore, const Error& error) override;
  void chore_recovered(ChoreKind chore) override;
  void delivery_overflowed(const Endpoint& endpoint, Instant now) override;
  void delivery_unreadable(const DeliveryKey& key, const Endpoint& endpoint) override;
  void disk_low(bool low, std::uint64_t free, std::uint64_t least) override;
  void row_in_trouble(const RowTrouble& trouble) override;
  void turn_ended(const TurnEnd& end) override;
  void endpoints_counted(const Census& census) override;

 private:
  const std::vector<Observer*> members_;
};

class CallFanOut final : public CallObserver {
 public:
  explicit CallFanOut(std::vector<CallObserver*> members) : members_(std::move(members)) {}  // they outlive it

  bool wants_details() const override;  // one of them does
  void call_answered(const CallNote& note) override;
  void reply_cut_off(std::string_view path, const Error& error) override;
  void test_finished(const TestNote& note) override;
  void host_refused(std::string_view host, Instant now) override;

 private:
  const std::vector<CallObserver*> members_;
};

}  // namespace exposee::observe

// What the engine and the API show, as log lines: one wide line per finished attempt (failures at info,
// successes at debug, so that the default level costs nothing at full speed), endpoints that were disabled, a
// store that fails and recovers. Never in a line: secrets, what was sent, the body of a response, and the
// query of its URL. A member of the fan-outs (observe/fan_out.h), owned by the wiring; what comes through
// Observer comes on the engine's thread alone, what comes through CallObserver on any.
#pragma once

#include "app/log/log.h"
#include "app/log/rate_limited_log.h"
#include "app/log/trouble_log.h"
#include "ports/call_observer.h"
#include "ports/observer.h"

namespace exposee::app {

class LogObserver final : public Observer, public CallObserver {
 public:
  explicit LogObserver(Log& log) : log_(log), troubles_(log) {}  // `log` outlives it

  void attempt_finished(const AttemptNote& note) override;
  void turn_committed(const TurnNote& note) override;
  // One line for each change that was requested: who, what, where.
  void registry_changed(const ChangeNote& note) override;
  // A store that stays away fails every turn; one line says it, until it has recovered.
  void store_failed(const Error& error) override;
  void store_recovered() override;
  // One line each ten seconds says it, with how many attempts it stands for.
  void attempt_not_begun(const Endpoint& endpoint, std::string_view why, Instant now) override;
  void endpoint_disabled(const Endpoint& endpoint) override;
  void breaker_changed(const Endpoint& endpoint, bool open) override;
  void hold_changed(const Endpoint& endpoint, std::optional<Instant> until) override;
  void chore_failed(ChoreKind chore, const Error& error) override;
  void chore_recovered(ChoreKind chore) override;
  void delivery_overflowed(const Endpoint& endpoint, Instant now) override;
  void delivery_unreadable(const DeliveryKey& key, const Endpoint& endpoint) override;
  void disk_low(bool low, std::uint64_t free, std::uint64_t least) override;
  void row_in_trouble(const RowTrouble& trouble) override { troubles_.row_in_trouble(trouble); }

  const TroubleLog& troubles() const { return troubles_; }
  RowTroubleSink& troubles() { return troubles_; }  // for the store: rows that it meets itself

  // A line at debug for each call.
  bool wants_details() const override { return log_.enabled(LogLevel::debug); }
  void call_answered(const CallNote& note) override;
  void reply_cut_off(std::string_view path, const Error& error) override;
  // A line like an attempt's, with its kind, and without a delivery.
  void test_finished(const TestNote& note) override;
  // One line a minute says it: a scraper under such a name calls for ever.
  void host_refused(std::string_view host, Instant now) override;
  // Of the server: connections wait to be accepted. `error`: why, as the system numbers it.
  void accept_failed(int error, Instant now);

 private:
  Log& log_;
  TroubleLog troubles_;
  bool store_failing_ = false;
  RateLimitedLog shortages_{std::chrono::seconds(10)};
  RateLimitedLog overflows_{std::chrono::minutes(1)};
  RateLimitedLog refused_hosts_{std::chrono::minutes(1)};
  RateLimitedLog not_accepted_{std::chrono::seconds(10)};
};

}  // namespace exposee::app

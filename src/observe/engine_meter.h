// Counts what the engine reports: events, attempts, deliveries, commits, endpoints. A member of the fan-out;
// the engine's thread raises the numbers, and any thread may write them down meanwhile. Labels are enums,
// never a URL or an id, so that the number of series is the same for one endpoint and for a hundred thousand.
#pragma once

#include "observe/counter.h"
#include "observe/exposition.h"
#include "ports/observer.h"

namespace exposee::observe {

enum class StatusClass : std::uint8_t { informational, success, redirection, client_error, server_error };
constexpr StatusClass kLastStatusClass = StatusClass::server_error;
std::string_view to_text(StatusClass status_class);  // "2xx"
StatusClass class_of(int status);                    // 100 to 599; what lies outside is the nearest

// `result` of an attempt: succeeded, or the cause of its failure.
std::string result_label(Cause cause);

class EngineMeter final : public Observer {
 public:
  void attempt_finished(const AttemptNote& note) override;
  void turn_committed(const TurnNote& note) override;
  void store_failed(const Error& error) override;
  void store_recovered() override { store_failing_.set(0); }
  void disk_low(bool low, std::uint64_t, std::uint64_t) override { disk_low_.set(low ? 1 : 0); }
  void attempt_not_begun(const Endpoint&, std::string_view, Instant) override { not_begun_.add(); }
  void delivery_unreadable(const DeliveryKey&, const Endpoint&) override { attempts_.of(Cause::damaged).add(); }
  void endpoint_disabled(const Endpoint&) override { disabled_.add(); }
  void chore_failed(ChoreKind chore, const Error& error) override;
  void chore_recovered(ChoreKind chore) override { chores_failing_.of(chore).set(0); }
  void breaker_changed(const Endpoint&, bool open) override { breakers_opened_.add(open ? 1 : 0); }
  void turn_ended(const TurnEnd& end) override;
  void endpoints_counted(const Census& census) override;

  void write(Exposition& page) const;  // any thread

 private:
  using Seconds = Histogram<Counter, 6, 23>;         // of microseconds: 64 us to 8.4 s
  using AttemptSeconds = Histogram<Counter, 8, 27>;  // 256 us to 134 s: an attempt may last 30 s, a wait more
  using Many = Histogram<Counter, 0, 11>;            // 1 to 2,048

  void write_attempts(Exposition& page) const;
  void write_deliveries(Exposition& page) const;
  void write_endpoints(Exposition& page) const;
  void write_store(Exposition& page) const;
  void write_chores(Exposition& page) const;

  Counter events_;
  PerValue<Counter, kLastCause> attempts_;  // by cause of failure; none: succeeded
  PerValue<Counter, kLastStatusClass> responses_;
  PerValue<Counter, kLastDeliveryStatus> finished_;
  Counter not_begun_, disabled_, breakers_opened_, store_failures_;
  Gauge store_failing_, disk_low_, pending_, in_flight_, given_up_, open_breakers_;
  PerValue<Gauge, kLastEndpointStatus> endpoints_;
  PerValue<Gauge, kLastLaneStop> waiting_;
  PerValue<Counter, kLastChoreKind> chore_failures_;
  PerValue<Gauge, kLastChoreKind> chores_failing_;
  Seconds turn_, commit_;
  AttemptSeconds attempt_, latency_;
  Many events_per_commit_;
};

}  // namespace exposee::observe

// Whether each attempt may start, judged by what clients, operators and receivers were told and have said,
// and by nothing that the engine knows: I4, I6 to I10, the rate of an endpoint and its breaker. Part of a
// story; one thread.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "fakes/memory_store.h"
#include "sim/world/world.h"

namespace exposee::sim {

class StartChecks {
 public:
  // From now on it is told of every attempt. `schedule`: of every endpoint.
  StartChecks(World& world, const fakes::MemoryDisk& disk, RetrySchedule schedule);

  // --- what others were told ---
  void retry_is_asked_for(const DeliveryKey& key) { by_hand_.insert(key); }
  void retry_is_promised(const DeliveryKey& key) { promised_.insert(key); }
  bool is_by_hand(const DeliveryKey& key) const { return by_hand_.contains(key); }
  // Nothing up to this event starts any more but by hand: the endpoint was disabled or removed.
  void is_cut_off(EndpointNumber number, EventSeq last);
  void is_paused(EndpointNumber number, bool paused);
  void may_go_on(EndpointNumber number) { endpoints_[number].paused = false; }  // that is asked for
  void is_enabled(EndpointNumber number);  // whether it was or not
  void is_well(EndpointNumber number);     // a test delivery to it succeeded
  // Nothing: they may have changed or not, and are as they are registered.
  void settings_are(EndpointNumber number, std::optional<EndpointSettings> settings);
  // What was in memory is not known any more, and when the next attempt is due is read on the wall clock.
  void forget_times();
  void forget_breakers();  // they are in memory alone

 private:
  struct Hold {
    Instant from, until;
  };
  // As the breaker's rule has it: so many failures in a row, when that became too many, probes that are out.
  struct Breaker {
    std::uint32_t in_a_row = 0;
    std::optional<Instant> tripped_at;
    int probes = 0;
  };
  struct OfEndpoint {
    Instant well_at, refused_at;  // its last success, its last refused connection
    Hold hold;                    // what the receiver asked for, and nobody overrode
    bool paused = false;
    EventSeq cut_off;   // up to here nothing may start but by hand
    EventSeq furthest;  // of an ordered one: that was attempted
    EventSeq settled;   // likewise: up to here all has ended, but for what was asked for by hand
    Breaker breaker;
    std::deque<Instant> handed;  // attempts of the last second
    std::optional<EndpointSettings> settings;  // that an operator was told
  };
  struct LastStart {
    Instant at;
    std::uint32_t attempt = 0;
    bool hurried = false;  // it came before its time, because the endpoint was back
  };

  void check_start(const SendJob& job);
  void is_worth_trying(OfEndpoint& endpoint);
  const EndpointSettings& settings_of(const Endpoint& endpoint) const;
  void check_limits(const Endpoint& endpoint) const;
  void check_schedule(const DeliveryKey& key, std::uint32_t attempt);
  void check_order(const DeliveryKey& key);
  void check_all_before(const DeliveryKey& key);
  bool is_settled(const DeliveryKey& key) const;
  void check_first_success(const DeliveryKey& key) const;
  void check_handed(const SendJob& job);
  void check_rate(const Endpoint& endpoint);
  void check_breaker(EndpointNumber number);
  void note_response(EndpointNumber number, const Response& response);
  void note_failure(OfEndpoint& endpoint, const Response& response);

  World& world_;
  const fakes::MemoryDisk& disk_;
  const RetrySchedule schedule_;
  std::map<EndpointNumber, OfEndpoint> endpoints_;
  std::set<DeliveryKey> by_hand_;
  std::set<DeliveryKey> promised_;               // of them, those that were granted and not cut off since
  std::map<DeliveryKey, LastStart> last_start_;  // of this life, and since the clock was set
};

}  // namespace exposee::sim

#include "sim/world/start_checks.h"

#include <gtest/gtest.h>

#include <ranges>

#include "core/circuit_breaker.h"
#include "core/event_type.h"

namespace exposee::sim {

using namespace std::chrono_literals;

namespace {

constexpr Duration kSecond = 1s;
// A breaker waits so long at least before its first probe.
constexpr auto kShortestWait =
    Duration{static_cast<std::int64_t>(kBreakerFirstWait.count() * (1 - kBreakerJitter))};

DeliveryKey key_of(const SendJob& job) {
  return {job.event->seq, job.target->endpoint};
}

}  // namespace

StartChecks::StartChecks(World& world, const fakes::MemoryDisk& disk, RetrySchedule schedule)
    : world_(world), disk_(disk), schedule_(std::move(schedule)) {
  world_.sender.on_handed = [this](const SendJob& job) { check_handed(job); };
  world_.sender.on_start = [this](const SendJob& job) { check_start(job); };
  world_.sender.on_given_back = [this](const SendJob& job) {
    endpoints_[job.target->endpoint].breaker.probes = 0;
  };
  world_.sender.on_response = [this](EndpointNumber number, const Response& response) {
    note_response(number, response);
  };
}

// --- what others were told
// ----------------------------------------------------------------------------------

void StartChecks::is_cut_off(EndpointNumber number, EventSeq last) {
  auto& endpoint = endpoints_[number];
  endpoint.cut_off = std::max(endpoint.cut_off, last);
  endpoint.hold = {};
  endpoint.breaker = {};
  std::erase_if(promised_, [&](const DeliveryKey& key) { return key.endpoint == number; });
}

void StartChecks::is_paused(EndpointNumber number, bool paused) {
  auto& endpoint = endpoints_[number];
  endpoint.paused = paused;
  if (!paused) is_worth_trying(endpoint);
}

void StartChecks::settings_are(EndpointNumber number, std::optional<EndpointSettings> settings) {
  auto& endpoint = endpoints_[number];
  endpoint.settings = std::move(settings);
  endpoint.handed.clear();  // what is known of its rate begins anew
}

const EndpointSettings& StartChecks::settings_of(const Endpoint& endpoint) const {
  const auto known = endpoints_.find(endpoint.number);
  return known != endpoints_.end() && known->second.settings ? *known->second.settings : endpoint.settings;
}

void StartChecks::is_enabled(EndpointNumber number) {
  auto& endpoint = endpoints_[number];
  is_worth_trying(endpoint);
  endpoint.breaker = {};
}

void StartChecks::is_worth_trying(OfEndpoint& endpoint) {
  endpoint.hold = {};
  endpoint.breaker.tripped_at.reset();
}

void StartChecks::is_well(EndpointNumber number) {
  endpoints_[number].well_at = world_.clock.true_now();
  endpoints_[number].breaker = {};
}

void StartChecks::forget_times() {
  for (auto& [number, endpoint] : endpoints_) {
    endpoint.hold = {};
    endpoint.breaker.tripped_at.reset();
    endpoint.handed.clear();
  }
  last_start_.clear();
}

void StartChecks::forget_breakers() {
  for (auto& [number, endpoint] : endpoints_) endpoint.breaker = {};
}

// --- what receivers have said
// -------------------------------------------------------------------------------

void StartChecks::note_response(EndpointNumber number, const Response& response) {
  auto& endpoint = endpoints_[number];
  const auto now = world_.clock.true_now();
  endpoint.breaker.probes = 0;
  if (response.status / 100 == 2) return is_well(number);
  if (response.cause == Cause::connect || response.cause == Cause::blocked) endpoint.refused_at = now;
  const auto asked = parse_retry_after(response.retry_after, world_.clock.now());
  if (!asked || response.status != 503) return note_failure(endpoint, response);
  endpoint.hold = {now, std::max(endpoint.hold.until, now + *asked)};
}

void StartChecks::note_failure(OfEndpoint& endpoint, const Response& response) {
  constexpr int kGone = 410;  // it is disabled, and begins anew if it is enabled
  auto& breaker = endpoint.breaker;
  if (response.status == kGone) return;
  if (++breaker.in_a_row == kBreakerFailures) breaker.tripped_at = world_.clock.true_now();
}

// --- as a job is handed to the sender
// -----------------------------------------------------------------------

void StartChecks::check_handed(const SendJob& job) {
  const auto registry = world_.engine->registry();
  const auto& endpoint = *registry->endpoint_numbered(job.target->endpoint);
  const auto key = key_of(job);
  check_rate(endpoint);
  if (by_hand_.contains(key)) return;
  check_breaker(endpoint.number);
  if (settings_of(endpoint).ordered) check_all_before(key);
}

// A second's worth may have come together before.
void StartChecks::check_rate(const Endpoint& endpoint) {
  const auto rate = settings_of(endpoint).rate_per_second;
  if (rate == 0) return;
  const auto now = world_.clock.true_now();
  auto& handed = endpoints_[endpoint.number].handed;
  handed.push_back(now);
  while (handed.front() <= now - kSecond) handed.pop_front();
  EXPECT_LE(handed.size(), 2 * rate) << "I8: its rate is " << rate << " a second";
}

// D8: after so many failures nothing of its own accord but a probe, and that not at once.
void StartChecks::check_breaker(EndpointNumber number) {
  auto& breaker = endpoints_[number].breaker;
  if (breaker.in_a_row < kBreakerFailures) return;
  const auto now = world_.clock.true_now();
  EXPECT_TRUE(!breaker.tripped_at || now >= *breaker.tripped_at + kShortestWait) << "its breaker is open";
  EXPECT_EQ(breaker.probes++, 0) << "one probe at a time";
}

// I9: an ordered endpoint gets the next event once all before it has ended.
void StartChecks::check_all_before(const DeliveryKey& key) {
  auto& settled = endpoints_[key.endpoint].settled;
  const auto& events = disk_.state.events;
  for (auto it = events.upper_bound(settled); it != events.end() && it->first < key.event; ++it) {
    ASSERT_TRUE(is_settled({it->first, key.endpoint}))
        << "I9: event " << it->first.value << " comes before event " << key.event.value
        << " and is not final";
    settled = it->first;
  }
}

// On disk: no loss of power takes that back. By hand is extra, whenever it is asked for.
bool StartChecks::is_settled(const DeliveryKey& key) const {
  const auto is_final = [&](const fakes::memory::MemoryState& state) {
    const auto view = fakes::memory::view_delivery(state, key);
    return !view || view->row.status != DeliveryStatus::pending;
  };
  return by_hand_.contains(key) || (is_final(disk_.state) && is_final(disk_.synced));
}

// --- as it starts
// -------------------------------------------------------------------------------------------

void StartChecks::check_start(const SendJob& job) {
  const auto registry = world_.engine->registry();
  const auto* endpoint = registry->endpoint_numbered(job.target->endpoint);
  const auto key = key_of(job);
  ASSERT_TRUE(endpoint);
  EXPECT_TRUE(endpoint->is_active()) << "I10";
  EXPECT_FALSE(endpoints_[key.endpoint].paused) << "I10";
  EXPECT_TRUE(world_.accepted.contains(job.event->id) || world_.undecided.contains(job.event->id)) << "I4";
  check_limits(*endpoint);
  if (!by_hand_.contains(key)) {
    check_schedule(key, job.attempt);
    check_first_success(key);
    if (settings_of(*endpoint).ordered) check_order(key);
  }
  if (promised_.contains(key)) return;
  const bool subscribed = std::ranges::any_of(endpoint->events, [&](const PatternEntry& entry) {
    return matches(entry.pattern, job.event->type_name);
  });
  EXPECT_TRUE(subscribed) << "I10";
  EXPECT_GT(key.event, endpoints_[key.endpoint].cut_off) << "I10: it was disabled or removed since";
}

// I8, and I9: one at a time.
void StartChecks::check_limits(const Endpoint& endpoint) const {
  const auto& settings = world_.settings();
  const auto& own_settings = settings_of(endpoint);
  const auto& in_flight = world_.sender.in_flight;
  const auto of_it = in_flight.find(endpoint.number);
  const auto own = of_it == in_flight.end() ? 0 : of_it->second;
  const auto limit =
      own_settings.max_in_flight ? own_settings.max_in_flight : settings.max_in_flight_per_endpoint;
  EXPECT_LT(own, limit) << "I8, of an endpoint";
  EXPECT_LT(world_.sender.under_way(), settings.max_in_flight) << "I8, in all";
  EXPECT_TRUE(!own_settings.ordered || own == 0) << "I9";
}

// I7: as many as the schedule has and never before the receiver's Retry-After, of the endpoint or of the
// delivery; and the schedule's waits, but that what failed before the endpoint was back may be brought
// forward, once unless it never got there.
void StartChecks::check_schedule(const DeliveryKey& key, std::uint32_t attempt) {
  const auto now = world_.clock.true_now();
  const auto& endpoint = endpoints_[key.endpoint];
  EXPECT_LE(attempt, schedule_.waits.size() + 1) << "I7: that is one too many";
  EXPECT_TRUE(now <= endpoint.hold.from || now >= endpoint.hold.until) << "I7: the endpoint is held";
  auto& last = last_start_[key];
  bool hurried = last.hurried && endpoint.refused_at < last.at;
  if (last.attempt > 0 && attempt == last.attempt + 1) {
    const bool early = now - last.at < schedule_.waits.at(attempt - 2) * 8 / 10;
    EXPECT_TRUE(!early || endpoint.well_at >= last.at) << "I7: it came too soon";
    EXPECT_TRUE(!early || !hurried) << "I7: it was hurried twice";
    hurried = early || hurried;
  }
  last = {now, attempt, hurried};
}

// I9, also over crashes: an ordered endpoint gets nothing older than what it got, but by hand.
void StartChecks::check_order(const DeliveryKey& key) {
  auto& furthest = endpoints_[key.endpoint].furthest;
  EXPECT_GE(key.event, furthest) << "I9";
  furthest = std::max(furthest, key.event);
}

// I6: a success that is on record is the last.
void StartChecks::check_first_success(const DeliveryKey& key) const {
  const auto made = disk_.state.attempts.find(key);
  if (made == disk_.state.attempts.end()) return;
  EXPECT_TRUE(std::ranges::none_of(made->second | std::views::values, &AttemptRow::succeeded)) << "I6";
}

}  // namespace exposee::sim

#include "sim/story.h"

#include <gtest/gtest.h>

namespace exposee::sim {

using namespace std::chrono_literals;

namespace {

const std::string kThirdType = "order.paid";

constexpr Duration kRetryAfter = 60s;  // of the mood `busy`
constexpr Duration kMostWrong = 1h;    // of the wall clock, either way

RetrySchedule short_schedule() {
  return {{1s, 10s, 60s}};
}

}  // namespace

void Story::act(int steps) {
  watch_starts();
  for (int i = 0; i < steps; ++i) one_act();
}

// Half of the stories have a sender in which jobs wait before they start, some longer than others.
void Story::watch_starts() {
  if (world_.random.chance(0.5)) world_.sender.longest_wait = world_.random.chance(0.5) ? 5ms : 2s;
  world_.sender.on_start = [this](const SendJob& job) { check_start(job); };
  world_.sender.on_response = [this](EndpointNumber number, const Response& response) {
    note_response(number, response);
  };
}

void Story::note_response(EndpointNumber number, const Response& response) {
  const auto now = world_.clock.true_now();
  if (response.status / 100 == 2) well_at_[number] = now;
  if (response.cause == Cause::connect) refused_at_[number] = now;
  if (response.status != 503) return;
  auto& hold = holds_[number];
  hold = {now, std::max(hold.until, now + kRetryAfter)};
}

// I10: what is removed, disabled, paused or unsubscribed starts nothing once that was answered, wherever the
// job is. I4: only accepted events are sent.
void Story::check_start(const SendJob& job) {
  const auto registry = world_.engine->registry();
  const auto* endpoint = registry->endpoint_numbered(job.target->endpoint);
  ASSERT_TRUE(endpoint);
  EXPECT_TRUE(endpoint->is_active());
  EXPECT_FALSE(endpoint->settings.paused);
  EXPECT_TRUE(world_.accepted.contains(job.event->id) || world_.undecided.contains(job.event->id)) << "I4";
  const auto limit = endpoint->settings.max_in_flight ? endpoint->settings.max_in_flight
                                                      : world_.settings().max_in_flight_per_endpoint;
  EXPECT_LT(world_.sender.in_flight[endpoint->number], limit) << "I8";
  EXPECT_TRUE(!endpoint->settings.ordered || world_.sender.in_flight[endpoint->number] == 0) << "I9";
  const DeliveryKey key{job.event->seq, endpoint->number};
  if (!by_hand_.contains(key)) {
    check_gap(key, job.attempt);
    if (endpoint->settings.ordered) check_order(key);
  }
  if (asked_by_hand_.contains(key)) return;
  const auto subscribed = registry->subscribed_to(job.event->type_name);
  EXPECT_TRUE(std::ranges::find(subscribed, endpoint) != subscribed.end());
  EXPECT_GT(job.event->seq, cut_off_[endpoint->number]) << "it was disabled or removed since";
}

// I7: never before the receiver's Retry-After, of the endpoint or of the delivery; and the schedule's waits,
// but that what failed before the endpoint was back may be brought forward, once unless it never got there.
void Story::check_gap(const DeliveryKey& key, std::uint32_t attempt) {
  const auto now = world_.clock.true_now();
  const auto& hold = holds_[key.endpoint];
  EXPECT_TRUE(now <= hold.from || now >= hold.until) << "the endpoint is held";
  auto& last = last_start_[key];
  const auto waits = short_schedule().waits;
  bool hurried = last.hurried && refused_at_[key.endpoint] < last.at;
  if (last.attempt > 0 && attempt == last.attempt + 1) {
    const bool early = now - last.at < waits.at(attempt - 2) * 8 / 10;
    EXPECT_TRUE(!early || well_at_[key.endpoint] >= last.at) << "I7: it came too soon";
    EXPECT_TRUE(!early || !hurried) << "I7: it was hurried twice";
    hurried = early || hurried;
  }
  last = {now, attempt, hurried};
}

// I9: an ordered endpoint gets nothing older than what it got, but by hand.
void Story::check_order(const DeliveryKey& key) {
  auto& furthest = in_order_[key.endpoint];
  EXPECT_GE(key.event, furthest) << "I9";
  furthest = std::max(furthest, key.event);
}

// The endpoint was disabled or removed, and somebody was told so.
void Story::cut_off(EndpointNumber number) {
  auto& last = cut_off_[number];
  for (const auto& owed : owed_) last = std::max(last, owed.key.event);
  for (const auto& acked : world_.acked) last = std::max(last, acked.seq);
  std::erase_if(asked_by_hand_, [&](const DeliveryKey& key) { return key.endpoint == number; });
  holds_.erase(number);
}

// What was not on disk is not known any more, and when the next attempt is due is read on the wall clock.
void Story::restart(void (World::*how)()) {
  const auto forget = [this] {
    holds_.clear();
    last_start_.clear();
  };
  forget();
  const auto life = world_.sender.life;
  (world_.*how)();
  if (world_.sender.life != life) forget();  // also what came while it stopped
}

void Story::one_act() {
  const auto dice = world_.random.below(100);
  if (dice < 6 && types_.size() == 3) return declare_or_remove_type();
  if (dice < 42) return publish();
  if (dice < 45) return do_much_at_once();
  if (dice < 50) return publish_again();
  if (dice < 56) return new_endpoint();
  if (dice < 64) return change_endpoint();
  if (dice < 67) return lose_endpoint();
  if (dice < 71) return retry_something();
  if (dice < 73) return restart(&World::crash);
  if (dice < 74) return restart(&World::fail_power);
  if (dice < 75) return restart(&World::stop_and_restart);
  if (dice < 79) return break_store_();
  if (dice < 80) return set_clock();
  if (dice < 82) return test_endpoint();
  pass_time();
}

void Story::let_types_come_and_go() {
  types_.push_back(kThirdType);
}

const std::string& Story::any_type() {
  return types_[world_.random.below(types_.size())];
}

// What was accepted under it before stays owed: publish() has noted it, and check_books() asks for its end.
void Story::declare_or_remove_type() {
  const bool there = world_.engine->registry()->type_named(kThirdType) != nullptr;
  there ? world_.put(engine::RemoveType{.name = kThirdType})
        : world_.put(engine::DeclareType{.name = kThirdType});
  if (world_.random.chance(0.5)) world_.publish_soon(kThirdType, "{}");  // in the same turn
  world_.step();
}

void Story::publish() {
  const std::string type = any_type();
  const auto key = world_.random.chance(0.3) ? "key" + std::to_string(++key_count_) : std::string{};
  const auto outcome = world_.publish(type, R"({"n":1})", key);
  if (!outcome) return;  // nobody knows yet how its turn ended
  const bool declared = world_.engine->registry()->type_named(type) != nullptr;
  if (!outcome->has_value()) {
    EXPECT_TRUE(!declared || outcome->error().why != engine::Refusal::unknown_type);
    return;
  }
  EXPECT_TRUE(declared) << "I4: no event of a type that is not declared";
  const auto& published = **outcome;
  // Read after the turn: a response that disabled an endpoint may have come in with it, and outcomes are
  // written first.
  const auto registry = world_.engine->registry();
  std::vector<EndpointNumber> owed_to;
  for (const auto* endpoint : registry->subscribed_to(type)) {
    if (endpoint->disabled_reason.empty()) owed_to.push_back(endpoint->number);
  }
  EXPECT_EQ(published.deliveries, owed_to.size());
  if (!key.empty()) keys_[key] = published.id;
  for (const auto number : owed_to) owed_.push_back({published.id, {published.seq, number}});
}

// I16: the same key makes no second event; the stored reply comes back without a new outcome.
void Story::publish_again() {
  if (keys_.empty()) return;
  const auto outcome = world_.publish(types_[0], R"({"n":1})", keys_.begin()->first);
  if (outcome) {
    EXPECT_FALSE(outcome->has_value()) << "a used key may be refused while the store fails, never accepted";
  }
}

void Story::new_endpoint() {
  const auto url = "http://receiver" + std::to_string(++urls_) + ".example/";
  std::vector<std::string> patterns{world_.random.chance(0.5) ? "*" : any_type()};
  engine::CreateEndpoint command{
      .url = *parse_url(url), .patterns = std::move(patterns), .settings = {.schedule = short_schedule()}};
  command.settings.ordered = world_.random.chance(0.2);
  const auto outcome = world_.create(std::move(command));
  if (!outcome || !outcome->has_value()) return;
  const auto number = (*outcome)->endpoint->number;
  world_.sender.receivers[number].mood = static_cast<Mood>(world_.random.below(kRandomMoods));
}

const Endpoint* Story::any_endpoint() {
  const auto registry = world_.engine->registry();
  if (registry->endpoints.live() == 0) return nullptr;
  return std::next(registry->endpoints.begin(), world_.random.below(registry->endpoints.live()))->get();
}

void Story::change_endpoint() {
  const auto* endpoint = any_endpoint();
  if (!endpoint) return;
  engine::UpdateEndpoint change{.id = endpoint->id};
  const auto dice = world_.random.below(4);
  if (dice == 0) change.settings.set(&EndpointSettings::paused, !endpoint->settings.paused);
  if (dice == 1) change.disabled = endpoint->disabled_reason.empty();
  if (dice == 2) change.patterns = std::vector<std::string>{any_type()};
  if (dice == 3)
    world_.sender.receivers[endpoint->number].mood = static_cast<Mood>(world_.random.below(kRandomMoods));
  if (dice == 1 || dice == 2) interrupted_.insert(endpoint->number);
  const auto number = endpoint->number;
  const auto disabling = change.disabled.value_or(false);
  const bool ends_hold = change.settings.sets(&EndpointSettings::paused, false) || change.disabled == false;
  world_.put(std::move(change), [=, this] {
    if (disabling) cut_off(number);
    if (ends_hold) holds_.erase(number);  // also one whose response came in with this very turn
  });
  world_.step();
}

// As POST /v1/endpoints/{id}/test: what it is answered, the engine is told.
void Story::test_endpoint() {
  const auto* endpoint = any_endpoint();
  if (!endpoint || world_.sender.receivers[endpoint->number].mood != Mood::fine) return;
  well_at_[endpoint->number] = world_.clock.true_now();
  world_.test_succeeds(endpoint->number);
}

void Story::lose_endpoint() {
  const auto* endpoint = any_endpoint();
  if (!endpoint) return;
  interrupted_.insert(endpoint->number);
  if (world_.random.chance(0.5)) {
    world_.put(engine::RemoveEndpoint{.id = endpoint->id},
               [this, number = endpoint->number] { cut_off(number); });
    world_.step();
  } else {
    world_.unregister(endpoint->events.empty() ? types_[0] : endpoint->events.front().pattern, endpoint->url);
  }
}

void Story::retry_something() {
  if (owed_.empty()) return;
  const auto& owed = owed_[world_.random.below(owed_.size())];
  retry_soon(owed.key);
  world_.step();
}

void Story::retry_soon(const DeliveryKey& key) {
  by_hand_.insert(key);
  world_.put(engine::RetryDelivery{.key = key}, [this, key] { asked_by_hand_.insert(key); });
}

// Events before and after something that ends what is owed, all in one turn.
void Story::do_much_at_once() {
  for (int i = 0; i < 2; ++i) {
    world_.publish_soon(any_type(), "{}");
    if (!owed_.empty() && world_.random.chance(0.5)) {
      const auto& owed = owed_[world_.random.below(owed_.size())];
      retry_soon(owed.key);
    }
    if (const auto* endpoint = any_endpoint(); endpoint && i == 0) put_interruption(*endpoint);
  }
  world_.step();
}

void Story::put_interruption(const Endpoint& endpoint) {
  interrupted_.insert(endpoint.number);
  const auto dice = world_.random.below(4);
  const auto told = [this, number = endpoint.number] { cut_off(number); };
  if (dice == 0) return world_.put(engine::RemoveEndpoint{.id = endpoint.id}, told);
  if (dice == 1) {
    const auto type = any_type();
    return world_.put(engine::UnregisterWebhook{.type_name = type, .url = endpoint.url});
  }
  world_.put(engine::UpdateEndpoint{.id = endpoint.id, .disabled = true}, told);
  if (dice == 2) world_.put(engine::UpdateEndpoint{.id = endpoint.id, .disabled = false});
}

// Mostly moments, sometimes hours.
void Story::pass_time() {
  static constexpr Duration kSpans[] = {1ms, 5ms, 100ms, 2s, 30s, 10min};
  world_.run(kSpans[world_.random.below(std::size(kSpans))]);
}

// Somebody sets the wall clock, back or forward.
void Story::set_clock() {
  const auto span = static_cast<std::uint64_t>(2 * kMostWrong.count());
  world_.clock.set_wrong_by(Duration{static_cast<std::int64_t>(world_.random.below(span))} - kMostWrong);
  holds_.clear();
  last_start_.clear();
}

// The clock goes where it was furthest ahead: what waits since then is due again also after a crash.
void Story::make_peace() {
  world_.clock.set_wrong_by(kMostWrong);
  holds_.clear();
  last_start_.clear();
  for (auto& [number, receiver] : world_.sender.receivers) receiver.mood = Mood::fine;
  world_.run(2s);
  const auto registry = world_.engine->registry();
  for (const auto& endpoint : registry->endpoints) {
    engine::UpdateEndpoint change{.id = endpoint->id, .settings = pausing(false), .disabled = false};
    if (!endpoint->disabled_reason.empty()) interrupted_.insert(endpoint->number);
    world_.put(std::move(change), [this, number = endpoint->number] { holds_.erase(number); });
    world_.step();
  }
  world_.run(Duration{30min});
}

void Story::check_books() const {
  std::map<std::pair<EndpointNumber, EventId>, std::vector<const Seen*>> posts;
  std::map<EventId, std::string> bodies;
  for (const auto& seen : world_.sender.seen) {
    posts[{seen.endpoint, seen.event}].push_back(&seen);
    const auto [first, is_new] = bodies.emplace(seen.event, seen.body);
    EXPECT_EQ(first->second, seen.body) << "I5: the same bytes over all attempts";
  }
  for (const auto& owed : owed_) {
    const auto row = world_.find_delivery(owed.key);
    ASSERT_TRUE(row) << "what was owed is known";
    const auto status = row->status;
    const auto& attempts = posts[{owed.key.endpoint, owed.event}];
    const auto ok = std::ranges::count_if(attempts, [](const Seen* s) { return s->status / 100 == 2; });
    EXPECT_NE(status, DeliveryStatus::pending)
        << "I2: every owed delivery ends; event " << owed.key.event.value << " endpoint "
        << owed.key.endpoint.value;
    if (status == DeliveryStatus::succeeded) {
      EXPECT_GE(ok, 1) << "I3";
    }
    if (status == DeliveryStatus::cancelled) {
      EXPECT_TRUE(interrupted_.contains(owed.key.endpoint) ||
                  world_.observer.disabled.contains(owed.key.endpoint));
    }
    if (by_hand_.contains(owed.key)) continue;
    // I6: one success per life at most, and a later life repeats one only when it could not have been
    // recorded.
    std::map<std::uint32_t, int> successes;
    for (const auto* s : attempts) successes[s->life] += s->status / 100 == 2;
    for (const auto& [life, count] : successes) EXPECT_LE(count, 1) << "D4 in life " << life;
  }
  check_acknowledged();
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u) << "I13: the books are even";
}

// Of events whose receivers at that moment were not noted at least the end is known.
void Story::check_acknowledged() const {
  const auto registry = world_.engine->registry();
  for (const auto& acked : world_.acked) {
    for (std::uint64_t number = 1; number <= registry->endpoints.last().value; ++number) {
      if (const auto row = world_.find_delivery({acked.seq, EndpointNumber{number}})) {
        EXPECT_NE(row->status, DeliveryStatus::pending) << "I2";
      }
    }
  }
}

std::uint64_t Story::digest() const {
  std::uint64_t digest = 14695981039346656037ull;
  const auto mix = [&](std::uint64_t value) { digest = (digest ^ value) * 1099511628211ull; };
  for (const auto& seen : world_.sender.seen) {
    mix(static_cast<std::uint64_t>(to_micros(seen.at)));
    mix(seen.endpoint.value);
    mix(static_cast<std::uint64_t>(seen.status));
    for (const auto byte : seen.event.bits) mix(byte);
  }
  return digest;
}

}  // namespace exposee::sim

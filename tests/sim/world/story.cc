#include "sim/world/story.h"

#include <gtest/gtest.h>

#include "sim/world/tell_story.h"

namespace exposee::sim {

using namespace std::chrono_literals;

namespace {

const std::string kThirdType = "order.paid";

constexpr Duration kMostWrong = 1h;  // of the wall clock, either way

RetrySchedule short_schedule() {
  return {{1s, 10s, 60s}};
}

EndpointSettings changed(EndpointSettings settings, const SettingChanges& change) {
  change.apply_to(settings);
  return settings;
}

// Small ones, and now and then one that outgrows a small window by itself.
std::string random_data(SimRandom& random) {
  return random.chance(0.1) ? "{\"n\":\"" + std::string(1500, 'x') + "\"}" : R"({"n":1})";
}

}  // namespace

// Half of the stories have a sender in which jobs wait before they start, some longer than others.
Story::Story(World& world, Disk& disk, Plot plot)
    : world_(world),
      disk_(disk),
      plot_(plot),
      starts_(world, *disk.data, short_schedule()),
      wire_(world, world.random.seed(), plot.elsewhere),
      books_(world, disk) {
  if (world_.random.chance(0.5)) world_.sender.longest_wait = world_.random.chance(0.5) ? 5ms : 2s;
  if (plot_.types_change) types_.push_back(kThirdType);
}

void Story::act() {
  gather_crowd();
  for (int i = 0; i < plot_.acts; ++i) one_act();
}

void Story::one_act() {
  const auto dice = world_.random.below(100);
  if (dice < 6 && plot_.types_change) return declare_or_remove_type();
  if (dice < 40) return publish();
  if (dice < 43) return do_much_at_once();
  if (dice < 47) return publish_again();
  if (dice < 53) return new_endpoint();
  if (dice < 62) return change_endpoint();
  if (dice < 65) return lose_endpoint();
  if (dice < 69) return retry_something();
  if (dice < 71) return restart(&World::crash);
  if (dice < 72) return restart(&World::fail_power);
  if (dice < 73) return restart(&World::stop_and_restart);
  if (dice < 77) return break_store();
  if (dice < 78) return set_clock();
  if (dice < 80) return test_endpoint();
  if (dice < 82) return break_housekeeping();
  if (dice < 85 && plot_.damage) return damage_something();
  if (dice < 85 && plot_.disk_fills) return fill_disk();
  pass_time();
}

// --- the end of a process ---------------------------------------------------------------------------------

// What was not on disk is not known any more, and when the next attempt is due is read on the wall clock.
void Story::restart(void (World::*how)()) {
  starts_.forget_times();
  const auto life = world_.sender.life;
  (world_.*how)();
  starts_.forget_breakers();
  if (world_.sender.life == life) return;
  starts_.forget_times();  // also what came while it stopped
  books_.check_second_start();
}

// Somebody sets the wall clock, back or forward.
void Story::set_clock() {
  const auto span = static_cast<std::uint64_t>(2 * kMostWrong.count());
  world_.clock.set_wrong_by(Duration{static_cast<std::int64_t>(world_.random.below(span))} - kMostWrong);
  starts_.forget_times();
}

// Mostly moments, sometimes minutes.
void Story::pass_time() {
  static constexpr Duration kSpans[] = {1ms, 5ms, 100ms, 2s, 30s, 10min};
  world_.run(kSpans[world_.random.below(std::size(kSpans))]);
}

// --- events -----------------------------------------------------------------------------------------------

const std::string& Story::any_type() {
  return types_[world_.random.below(types_.size())];
}

std::optional<DeliveryKey> Story::any_owed() {
  if (owed_.empty()) return std::nullopt;
  return owed_[world_.random.below(owed_.size())].key;
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
  const auto outcome = world_.publish(type, key.empty() ? random_data(world_.random) : R"({"n":1})", key);
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
    EXPECT_FALSE(outcome->has_value())
        << "I16: a used key may be refused while the store fails, never accepted";
  }
}

void Story::retry_something() {
  const auto key = any_owed();
  if (!key) return;
  retry_soon(*key);
  world_.step();
}

void Story::retry_soon(const DeliveryKey& key) {
  starts_.retry_is_asked_for(key);
  world_.put(engine::RetryDelivery{.key = key}, [this, key] { starts_.retry_is_promised(key); });
}

// Events before and after something that ends what is owed, all in one turn.
void Story::do_much_at_once() {
  for (int i = 0; i < 2; ++i) {
    world_.publish_soon(any_type(), "{}");
    const auto key = any_owed();
    if (key && world_.random.chance(0.5)) retry_soon(*key);
    if (const auto* endpoint = any_endpoint(); endpoint && i == 0) put_interruption(*endpoint);
  }
  world_.step();
}

// --- endpoints --------------------------------------------------------------------------------------------

const Endpoint* Story::any_endpoint() {
  const auto registry = world_.engine->registry();
  if (registry->endpoints.live() == 0) return nullptr;
  return std::next(registry->endpoints.begin(), world_.random.below(registry->endpoints.live()))->get();
}

engine::CreateEndpoint Story::random_endpoint() {
  auto& random = world_.random;
  const auto url = "http://receiver" + std::to_string(++urls_) + ".example/";
  engine::CreateEndpoint command{.url = *parse_url(url),
                                 .patterns = {random.chance(0.5) ? "*" : any_type()},
                                 .settings = {.schedule = short_schedule()}};
  auto& settings = command.settings;
  settings.ordered = random.chance(0.2);
  if (random.chance(0.15)) settings.rate_per_second = random.chance(0.5) ? 1 : 5;
  if (random.chance(0.2)) settings.max_in_flight = 1 + static_cast<std::uint32_t>(random.below(3));
  settings.public_only = plot_.elsewhere > 0 && random.chance(0.3);
  if (random.chance(0.15)) settings.max_pending = 2 + static_cast<std::uint32_t>(random.below(5));
  return command;
}

void Story::new_endpoint() {
  const auto outcome = world_.create(random_endpoint());
  if (!outcome || !outcome->has_value()) return;
  const auto& endpoint = *(*outcome)->endpoint;
  const auto number = endpoint.number;
  starts_.settings_are(number, endpoint.settings);
  wire_.is_created(endpoint);
  world_.sender.receivers[number].mood = static_cast<Mood>(world_.random.below(kRandomMoods));
}

// Half of their receivers are well.
void Story::gather_crowd() {
  for (int i = 0; i < plot_.crowd; ++i) world_.put(random_endpoint());
  world_.step();
  for (const auto& endpoint : world_.engine->registry()->endpoints) {
    if (world_.random.chance(0.5)) continue;
    world_.sender.receivers[endpoint->number].mood = static_cast<Mood>(world_.random.below(kRandomMoods));
  }
}

engine::UpdateEndpoint Story::random_change(const Endpoint& endpoint) {
  engine::UpdateEndpoint change{.id = endpoint.id};
  if (plot_.elsewhere > 0 && world_.random.chance(0.3)) {
    change.settings.set(&EndpointSettings::public_only, !endpoint.settings.public_only);
    return change;
  }
  switch (world_.random.below(5)) {
    case 0:
      change.settings.set(&EndpointSettings::paused, !endpoint.settings.paused);
      break;
    case 1:
      change.disabled = endpoint.disabled_reason.empty();
      break;
    case 2:
      change.patterns = std::vector<std::string>{any_type()};
      break;
    case 3:
      change.settings.set(&EndpointSettings::rate_per_second, endpoint.settings.rate_per_second > 0 ? 0 : 2);
      break;
    default:
      change.settings.set(&EndpointSettings::max_in_flight,
                          1 + static_cast<std::uint32_t>(world_.random.below(3)));
  }
  return change;
}

void Story::change_endpoint() {
  const auto* endpoint = any_endpoint();
  if (!endpoint) return;
  const auto number = endpoint->number;
  if (world_.random.chance(0.25)) {
    world_.sender.receivers[number].mood = static_cast<Mood>(world_.random.below(kRandomMoods));
    return;
  }
  auto change = random_change(*endpoint);
  if (change.disabled || change.patterns) interrupted_.insert(number);
  const auto disabled = change.disabled;
  const bool pauses = change.settings.sets(&EndpointSettings::paused, true);
  const bool goes_on = change.settings.sets(&EndpointSettings::paused, false);
  if (goes_on) starts_.may_go_on(number);  // even if nobody is told
  const auto after = changed(endpoint->settings, change.settings);
  settings_are(number, std::nullopt);
  world_.put(std::move(change), [=, this] {
    if (disabled) *disabled ? cut_off(number) : starts_.is_enabled(number);
    if (pauses || goes_on)
      starts_.is_paused(number, pauses);  // also a hold that came in with this very turn ends
    settings_are(number, after);
  });
  world_.step();
}

void Story::settings_are(EndpointNumber number, const std::optional<EndpointSettings>& told) {
  starts_.settings_are(number, told);
  wire_.is_public_only(number, told ? std::optional(told->public_only) : std::nullopt);
}

// The endpoint was disabled or removed, and somebody was told so.
void Story::cut_off(EndpointNumber number) {
  EventSeq last;
  for (const auto& owed : owed_) last = std::max(last, owed.key.event);
  for (const auto& acked : world_.acked) last = std::max(last, acked.seq);
  starts_.is_cut_off(number, last);
}

// As POST /v1/endpoints/{id}/test: what it is answered, the engine is told.
void Story::test_endpoint() {
  const auto* endpoint = any_endpoint();
  if (!endpoint || world_.sender.receivers[endpoint->number].mood != Mood::fine) return;
  starts_.is_well(endpoint->number);
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

// --- the store --------------------------------------------------------------------------------------------

void Story::break_store() {
  if (disk_.faults.refuses) return;  // that has another cause
  sim::break_store(world_, disk_);
}

// What is done beside the turns fails for a while. What is damaged is another act's.
void Story::break_housekeeping() {
  auto& faults = disk_.faults;
  faults.bad_chores = 1 + world_.random.below(10);
  faults.chores_take_effect = world_.random.chance(0.3);
  faults.chore_code = world_.random.chance(0.5) ? ErrorCode::full : ErrorCode::unavailable;
}

void Story::fill_disk() {
  auto& free = disk_.space.now->free;
  free = free == 0 ? disk_.space.now->total / 2 : 0;
}

// What cannot be read or written now, and what could not before can be again.
void Story::damage_something() {
  heal();
  const auto key = any_owed();
  if (!key) return;
  auto& faults = disk_.faults;
  switch (world_.random.below(4)) {
    case 0:
      faults.damaged_rows = [=](EndpointNumber number) { return number == key->endpoint; };
      break;
    case 1:
      faults.damaged_pack = [=](const PackKey& pack) { return pack.endpoint == key->endpoint; };
      break;
    case 2:
      faults.unreadable = [=](EventSeq event) { return event == key->event; };
      break;
    default:
      faults.code = ErrorCode::internal;
      faults.refuses = [=](const Turn& turn) {
        return std::ranges::find(turn.attempts, key->endpoint,
                                 [](const auto& a) { return a.key.endpoint; }) != turn.attempts.end();
      };
  }
}

void Story::heal() {
  auto& faults = disk_.faults;
  faults.damaged_rows = {};
  faults.damaged_pack = {};
  faults.unreadable = {};
  faults.refuses = {};
}

}  // namespace exposee::sim

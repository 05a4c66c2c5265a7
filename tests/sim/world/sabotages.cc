#include "sim/world/sabotages.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace exposee::sim {

using namespace std::chrono_literals;

namespace {

// --- what is written
// -----------------------------------------------------------------------------------------

auto writes(std::function<void(Turn&)> change) {
  return [change](Disk& disk, World&) { disk.faults.sabotages = change; };
}

// Some rows of a turn, each changed.
template <class Row>
auto writes_other(std::span<const Row> Turn::* rows, std::function<void(Row&)> change) {
  auto kept = std::make_shared<std::vector<Row>>();
  return writes([=](Turn& turn) {
    kept->assign((turn.*rows).begin(), (turn.*rows).end());
    std::ranges::for_each(*kept, change);
    turn.*rows = *kept;
  });
}

auto writes_other_registry(std::function<void(RegistryChanges&)> change) {
  auto kept = std::make_shared<RegistryChanges>();
  return writes([=](Turn& turn) {
    if (!turn.registry) return;
    *kept = *turn.registry;
    change(*kept);
    turn.registry = kept.get();
  });
}

// Of each pack that is put.
void remove_packs(Disk& disk) {
  auto kept = std::make_shared<std::vector<PackKey>>();
  disk.faults.sabotages = [=, state = &disk.data->state](Turn& turn) {
    kept->clear();
    for (const auto& [key, pack] : state->packs) kept->push_back(key);
    turn.removed_packs = *kept;
  };
}

// Of each endpoint that is put.
auto stores_settings(std::function<void(EndpointSettings&)> change) {
  return writes_other_registry([change](RegistryChanges& changes) {
    for (auto& endpoint : changes.endpoints) {
      auto other = *endpoint;
      change(other.settings);
      endpoint = std::make_shared<const Endpoint>(std::move(other));
    }
  });
}

// It promises nobody anything but the order of what comes next.
bool is_of_outcomes(const Turn& turn) {
  return !turn.attempts.empty() && turn.events.empty() && !turn.registry && turn.claims.empty() &&
         !turn.checkpoint;
}

void close_no_subscription(RegistryChanges& changes) {
  std::erase_if(changes.subscriptions, [](const Subscription& s) { return static_cast<bool>(s.until); });
}

void reopen(DeliveryRow& row) {
  if (row.status != DeliveryStatus::exhausted) return;
  row.status = DeliveryStatus::pending;
  row.due = row.updated_at;
}

// A row that says so may be read by the next start.
void repeat_success(DeliveryRow& row) {
  if (row.status != DeliveryStatus::succeeded) return;
  row.status = DeliveryStatus::pending;
  row.due = row.updated_at;
}

// --- what is read
// --------------------------------------------------------------------------------------------

auto reads(std::function<void(OwedPage&)> change) {
  return [change](Disk& disk, World&) { disk.faults.spoils_page = change; };
}

void with_other_bytes(OwedPage& page) {
  for (auto& event : page.events) {
    auto other = *event;
    other.body.back() = ' ';
    event = std::make_shared<const Event>(std::move(other));
  }
}

void of_others(OwedPage& page) {
  for (auto& event : page.events) {
    auto other = *event;
    other.id.bits.back() ^= 1;
    event = std::make_shared<const Event>(std::move(other));
  }
}

// Every second start finds less.
auto starts_without_pending_rows() {
  auto starts = std::make_shared<int>(0);
  return [starts](Disk& disk, World&) {
    disk.faults.spoils_start = [starts](StartState& start) {
      if (++*starts % 2 == 0) start.pending.clear();
    };
  };
}

// --- what the engine is told
// ---------------------------------------------------------------------------------

auto tells(std::function<void(Response&)> change) {
  return [change](Disk&, World& world) { world.sender.tells = change; };
}

void success(Response& response) {
  response.cause = Cause::none;
  response.status = 200;
}

// A hold is not a failure to the breaker.
void short_holds(Response& response) {
  if (response.status / 100 == 2 || !response.retry_after.empty()) return;
  response.cause = Cause::none;
  response.status = 503;
  response.retry_after = std::string("1");  // GCC 12 warns of the literal
}

// --- what is sent, and where to
// ------------------------------------------------------------------------------

void with_secret(const Target& target, std::string& head) {
  head.insert(head.size() - 2, "x-key: " + std::string(target.keys.front().bytes()) + "\r\n");
}

void with_other_signature(const Target&, std::string& head) {
  const auto signature = head.find("v1,");
  head[signature + 3] = head[signature + 3] == 'A' ? 'B' : 'A';
}

// What a receiver or this machine is said to have answered is logged.
void words_with_secret(Disk&, World& world) {
  world.sender.tells = [&world](Response& response) {
    const auto registry = world.engine->registry();
    if (registry->endpoints.live() > 0) response.detail = (*registry->endpoints.begin())->secret;
  };
}

// --- what an engine is told of itself
// ----------------------------------------------------------------------------

auto runs_with(std::function<void(engine::EngineSettings&)> change) {
  return [change](Disk&, World& world) {
    world.other_settings = change;
    world.start_again();
  };
}

// What it reads when it starts.
void hurry(StartState& start) {
  for (auto& endpoint : start.endpoints) endpoint.settings.schedule = RetrySchedule{{1ms, 1ms, 1ms}};
}

}  // namespace

std::span<const Sabotage> sabotages() {
  static const Sabotage all[] = {
      {"I1", "what is acknowledged is not on disk yet", "as_usual",
       writes([](Turn& t) { t.durability = Durability::with_next; })},
      {"I1", "whether a turn is on disk is not found out", "as_usual",
       [](Disk& disk, World&) { disk.faults.always_settled = true; }},
      {"I1", "an event is not stored", "as_usual", writes([](Turn& t) { t.events = {}; })},
      {"I10", "an event is addressed by whatever registry there is", "as_usual",
       writes([](Turn& t) { t.fence.registry.reset(); })},
      {"I10", "a turn may be an earlier life's", "as_usual", writes([](Turn& t) { t.fence.epoch = 0; })},
      {"I16", "a key is not stored", "as_usual", writes([](Turn& t) { t.claims = {}; })},
      {"I2", "an outcome is not stored", "as_usual", writes([](Turn& t) { t.attempts = {}; })},
      {"I2", "an outcome is stored twice", "as_usual",
       writes_other<AttemptRow>(&Turn::attempts, [](AttemptRow& attempt) { attempt.number = 1; })},
      {"I3", "a success is stored that nobody saw", "as_usual",
       writes_other<AttemptRow>(&Turn::attempts, [](AttemptRow& attempt) { attempt.succeeded = true; })},
      {"I13", "a delivery's row is not stored", "as_usual", writes([](Turn& t) { t.deliveries = {}; })},
      {"I2", "a delivery's row is stored as another endpoint's", "as_usual",
       writes_other<DeliveryRow>(&Turn::deliveries, [](DeliveryRow& row) { ++row.key.endpoint.value; })},
      {"I2", "what has ended is stored as pending", "as_usual",
       writes_other<DeliveryRow>(&Turn::deliveries, reopen)},
      {"I7", "the receiver's wish to be left alone is not stored", "as_usual",
       writes([](Turn& t) { t.holds = {}; })},
      {"I10", "that an endpoint is paused is not stored", "as_usual",
       stores_settings([](EndpointSettings& s) { s.paused = false; })},
      {"I10", "that a subscription has ended is not stored", "as_usual",
       writes_other_registry(close_no_subscription)},
      {"I13", "a mark says that all is settled", "as_usual", writes([](Turn& t) {
         if (t.checkpoint) t.checkpoint->marks = {};
       })},
      {"I13", "a mark runs ahead", "hardly_any_memory", writes([](Turn& t) {
         if (t.checkpoint) t.checkpoint->marks = t.checkpoint->marks.subspan(t.checkpoint->marks.size() / 2);
       })},
      {"I13", "a pack of a backlog is not stored", "hardly_any_memory",
       writes([](Turn& t) { t.packs = {}; })},
      {"I13", "packs go though something waits", "soon_forgotten_with_hardly_any_memory",
       [](Disk& disk, World&) { remove_packs(disk); }},
      {"I2", "what is read back is lost", "hardly_any_memory",
       reads([](OwedPage& page) { page.events.clear(); })},
      {"I5", "what is read back has other bytes", "hardly_any_memory", reads(with_other_bytes)},
      {"I9", "what is read back is out of order", "hardly_any_memory",
       reads([](OwedPage& page) { std::ranges::reverse(page.events); })},
      {"I2", "what is to be read back never comes", "hardly_any_memory",
       [](Disk&, World& world) { world.backlog_reader.forgets = true; }},
      {"I15", "a second start does not find what the first one found", "as_usual",
       starts_without_pending_rows()},
      {"D13", "retention comes too early", "soon_forgotten",
       [](Disk& disk, World&) { disk.faults.hurries_retention = [](Instant& before) { before += 100s; }; }},
      {"D13", "retention never comes", "soon_forgotten",
       [](Disk& disk, World&) { disk.faults.retention_fails = [] { return true; }; }},
      {"I7", "a Retry-After is not told", "as_usual",
       tells([](Response& response) { response.retry_after.clear(); })},
      {"I3", "a failure is told as a success", "as_usual", tells(success)},
      {"I6", "a success is told as a failure", "as_usual", tells([](Response& response) {
         response.status = response.status / 100 == 2 ? 500 : response.status;
       })},
      {"I8", "the breaker does not hear of failures", "as_usual", tells(short_holds)},
      {"I6", "an attempt is made twice", "as_usual",
       [](Disk&, World& world) { world.sender.sends_twice = true; }},
      {"I10", "a job is sent though its target is withdrawn", "as_usual",
       [](Disk&, World& world) { world.sender.ignores_withdrawal = true; }},
      {"I8", "a job does not wait for its turn", "little_under_way",
       [](Disk&, World& world) { world.sender.ignores_turns = true; }},
      {"I4", "what is read back was never accepted", "hardly_any_memory", reads(of_others)},
      {"I6", "a success is stored as pending", "as_usual",
       writes_other<DeliveryRow>(&Turn::deliveries, repeat_success)},
      {"I7", "a schedule is read as another one", "as_usual",
       [](Disk& disk, World&) { disk.faults.spoils_start = hurry; }},
      {"I8", "the rate of an endpoint is not stored", "as_usual",
       stores_settings([](EndpointSettings& s) { s.rate_per_second = 0; })},
      {"I8", "the concurrency of an endpoint is not stored", "as_usual",
       stores_settings([](EndpointSettings& s) { s.max_in_flight = 0; })},
      {"I8", "more is under way than may be", "few_places_in_all",
       runs_with([](engine::EngineSettings& s) { s.max_in_flight = 100; })},
      {"I9", "that an endpoint is ordered is not stored", "as_usual",
       stores_settings([](EndpointSettings& s) { s.ordered = false; })},
      {"I9", "what comes of an event is not on disk when the next one starts", "as_usual",
       writes([](Turn& t) {
         if (is_of_outcomes(t)) t.durability = Durability::with_next;
       })},
      {"I11", "no address is judged", "names_lead_elsewhere",
       [](Disk&, World& world) { world.sender.judges_no_address = true; }},
      {"I11", "that an endpoint is public only is not stored", "names_lead_elsewhere",
       stores_settings([](EndpointSettings& s) { s.public_only = false; })},
      {"I12", "a secret is sent", "as_usual",
       [](Disk&, World& world) { world.sender.spoils_request = with_secret; }},
      {"I12", "a request is signed by another", "as_usual",
       [](Disk&, World& world) { world.sender.spoils_request = with_other_signature; }},
      {"I12", "a secret is told", "as_usual", words_with_secret},
      {"I14", "a window holds more than it may", "hardly_any_memory",
       runs_with([](engine::EngineSettings& s) { s.limits.window = s.limits.read_step = 100; })},
      {"I14", "a lane that may not start holds as much as one that may", "hardly_any_memory",
       runs_with([](engine::EngineSettings& s) { s.limits.stopped_window = s.limits.window; })},
      {"I14", "a lane that may not start holds as many retries as one that may", "hardly_any_memory",
       runs_with([](engine::EngineSettings& s) { s.limits.stopped_retries = s.limits.retry_window; })},
      {"I14", "events of retries are read ahead whatever the lane's share", "hardly_any_memory_packed_late",
       runs_with(
           [](engine::EngineSettings& s) { s.limits.body_bytes = s.limits.read_bytes_per_turn = 1u << 20; })},
  };
  return all;
}

}  // namespace exposee::sim

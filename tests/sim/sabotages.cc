#include "sim/sabotages.h"

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

void never_pause(RegistryChanges& changes) {
  for (auto& endpoint : changes.endpoints) {
    auto other = *endpoint;
    other.settings.paused = false;
    endpoint = std::make_shared<const Endpoint>(std::move(other));
  }
}

void close_no_subscription(RegistryChanges& changes) {
  std::erase_if(changes.subscriptions, [](const Subscription& s) { return static_cast<bool>(s.until); });
}

void reopen(DeliveryRow& row) {
  if (row.status != DeliveryStatus::exhausted) return;
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

}  // namespace

std::span<const Sabotage> sabotages() {
  static const Sabotage all[] = {
      {"what is acknowledged is not on disk yet", "as_usual",
       writes([](Turn& t) { t.durability = Durability::with_next; })},
      {"whether a turn is on disk is not found out", "as_usual",
       [](Disk& disk, World&) { disk.faults.always_settled = true; }},
      {"an event is not stored", "as_usual", writes([](Turn& t) { t.events = {}; })},
      {"an event is addressed by whatever registry there is", "as_usual",
       writes([](Turn& t) { t.fence.registry.reset(); })},
      {"a turn may be an earlier life's", "as_usual", writes([](Turn& t) { t.fence.epoch = 0; })},
      {"a key is not stored", "as_usual", writes([](Turn& t) { t.claims = {}; })},
      {"an outcome is not stored", "as_usual", writes([](Turn& t) { t.attempts = {}; })},
      {"an outcome is stored twice", "as_usual",
       writes_other<AttemptRow>(&Turn::attempts, [](AttemptRow& attempt) { attempt.number = 1; })},
      {"a success is stored that nobody saw", "as_usual",
       writes_other<AttemptRow>(&Turn::attempts, [](AttemptRow& attempt) { attempt.succeeded = true; })},
      {"a delivery's row is not stored", "as_usual", writes([](Turn& t) { t.deliveries = {}; })},
      {"a delivery's row is stored as another endpoint's", "as_usual",
       writes_other<DeliveryRow>(&Turn::deliveries, [](DeliveryRow& row) { ++row.key.endpoint.value; })},
      {"what has ended is stored as pending", "as_usual",
       writes_other<DeliveryRow>(&Turn::deliveries, reopen)},
      {"the receiver's wish to be left alone is not stored", "as_usual",
       writes([](Turn& t) { t.holds = {}; })},
      {"that an endpoint is paused is not stored", "as_usual", writes_other_registry(never_pause)},
      {"that a subscription has ended is not stored", "as_usual",
       writes_other_registry(close_no_subscription)},
      {"a mark says that all is settled", "as_usual", writes([](Turn& t) {
         if (t.checkpoint) t.checkpoint->marks = {};
       })},
      {"a mark runs ahead", "hardly_any_memory", writes([](Turn& t) {
         if (t.checkpoint) t.checkpoint->marks = t.checkpoint->marks.subspan(t.checkpoint->marks.size() / 2);
       })},
      {"a pack of a backlog is not stored", "hardly_any_memory", writes([](Turn& t) { t.packs = {}; })},
      {"packs go though something waits", "soon_forgotten_with_hardly_any_memory",
       [](Disk& disk, World&) { remove_packs(disk); }},
      {"what is read back is lost", "hardly_any_memory", reads([](OwedPage& page) { page.events.clear(); })},
      {"what is read back has other bytes", "hardly_any_memory", reads(with_other_bytes)},
      {"what is read back is out of order", "hardly_any_memory",
       reads([](OwedPage& page) { std::ranges::reverse(page.events); })},
      {"what is to be read back never comes", "hardly_any_memory",
       [](Disk&, World& world) { world.backlog_reader.forgets = true; }},
      {"a second start does not find what the first one found", "as_usual", starts_without_pending_rows()},
      {"retention comes too early", "soon_forgotten",
       [](Disk& disk, World&) { disk.faults.hurries_retention = [](Instant& before) { before += 100s; }; }},
      {"retention never comes", "soon_forgotten",
       [](Disk& disk, World&) { disk.faults.retention_fails = [] { return true; }; }},
      {"a Retry-After is not told", "as_usual",
       tells([](Response& response) { response.retry_after.clear(); })},
      {"a failure is told as a success", "as_usual", tells(success)},
      {"a success is told as a failure", "as_usual", tells([](Response& response) {
         response.status = response.status / 100 == 2 ? 500 : response.status;
       })},
      {"the breaker does not hear of failures", "as_usual", tells(short_holds)},
      {"an attempt is made twice", "as_usual", [](Disk&, World& world) { world.sender.sends_twice = true; }},
      {"a job is sent though its target is withdrawn", "as_usual",
       [](Disk&, World& world) { world.sender.ignores_withdrawal = true; }},
      {"a job does not wait for its turn", "little_under_way",
       [](Disk&, World& world) { world.sender.ignores_turns = true; }},
  };
  return all;
}

}  // namespace exposee::sim

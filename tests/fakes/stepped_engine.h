// The real engine over the store in memory, stepped by whoever asks it something: a command is carried out before
// submit() returns, on the caller's thread, unless another thread is at it, which then carries it out as well. No
// attempt starts. For testing what calls mean: what the store does badly is planned (`faults`, `read_faults`), and
// what only attempts would bring about is said outright (`said`). The readers it opens may be used by other threads.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/turn/replies.h"
#include "fakes/faulty_reader.h"
#include "fakes/faulty_store.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"
#include "fakes/scripted_sender.h"

namespace exposee::fakes {

// What Inspect finds, where a test says so.
struct SaidOfDeliveries {
  std::set<DeliveryKey> flying;
  std::map<DeliveryKey, engine::Waiting> waits;
  std::map<EndpointNumber, BreakerState> breakers;
  std::map<EndpointNumber, Instant> holds;
  std::map<EndpointNumber, std::uint64_t> pending;
};

class SaidView final : public engine::EngineView {
 public:
  SaidView(const engine::EngineView& real, const SaidOfDeliveries& said) : real_(real), said_(said) {}

  bool in_flight(const DeliveryKey& key) const override { return said_.flying.contains(key) || real_.in_flight(key); }
  BreakerState breaker(EndpointNumber endpoint) const override {
    const auto found = said_.breakers.find(endpoint);
    return found == said_.breakers.end() ? real_.breaker(endpoint) : found->second;
  }
  std::optional<Instant> held_until(EndpointNumber endpoint) const override {
    const auto found = said_.holds.find(endpoint);
    return found == said_.holds.end() ? real_.held_until(endpoint) : std::optional(found->second);
  }
  std::uint64_t pending(EndpointNumber endpoint) const override {
    const auto found = said_.pending.find(endpoint);
    return found == said_.pending.end() ? real_.pending(endpoint) : found->second;
  }
  engine::Waiting waiting(const DeliveryRow& row, Instant now) const override {
    if (said_.flying.contains(row.key)) return {engine::WaitReason::in_flight, std::nullopt};
    const auto found = said_.waits.find(row.key);
    return found == said_.waits.end() ? real_.waiting(row, now) : found->second;
  }

 private:
  const engine::EngineView& real_;
  const SaidOfDeliveries& said_;
};

// A disk of which a test says how full it is.
class SaidDisk final : public DiskSpace {
 public:
  std::optional<Room> room() const override { return Room{is_full ? 0 : 1ull << 40, 1ull << 40}; }
  bool is_full = false;
};

class SteppedEngine final : public engine::CommandSink, public engine::RegistrySource, public ReaderSource {
 public:
  SteppedEngine(Clock& clock, Random& random)
      : engine_({}, store_, sender_, clock, random, observer, &disk) {
    engine_.hold_attempts();
    const auto started = engine_.start();
    EXPECT_TRUE(started);
  }

  void submit(engine::Command&& command) override {
    if (const auto* receivers = std::get_if<engine::ReceiversResponded>(&command))
      well.insert(receivers->endpoints.begin(), receivers->endpoints.end());
    if (auto* inspect = std::get_if<engine::Inspect>(&command)) {
      inspect->look = [this, look = std::move(inspect->look)](const auto& real) { look(SaidView(real, said)); };
    } else if (refuse_all) {
      std::vector<engine::Command> refused;
      refused.push_back(std::move(command));
      return engine::refuse_commands(refused, {*refuse_all, {}}, engine_.dispatcher());
    }
    engine_.commands().submit(std::move(command));
    step();
  }
  std::shared_ptr<const engine::RegistrySnapshot> registry() const override { return engine_.registry(); }
  Result<std::unique_ptr<Reader>> open_reader() override {
    if (read_faults.away) return Error{ErrorCode::unavailable, "the store is away", {}};
    return std::make_unique<FaultyReader>(data_, read_faults);
  }

  // --- what a test sees and changes of the store ---
  void write(const Turn& turn) { EXPECT_TRUE(store_.write(turn)); }
  void add(std::vector<Document> documents) { write({.documents = documents}); }
  std::vector<EventRef> events() {
    const std::lock_guard lock(data_->mutex);
    std::vector<EventRef> all;
    for (const auto& [seq, event] : data_->state.events) all.push_back(event);
    return all;
  }
  DeliveryRow delivery(const DeliveryKey& key) {
    const auto view = MemoryReader(data_).delivery(key);
    EXPECT_TRUE(view);
    return view ? view->row : DeliveryRow{};
  }

  FaultPlan faults;
  ReadFaults read_faults;
  SaidOfDeliveries said;
  SaidDisk disk;
  std::optional<engine::Refusal> refuse_all;  // every command that wants something is refused so
  std::set<EndpointNumber> well;              // of which the engine was told so
  QuietObserver observer;

 private:
  static constexpr int kMostTurns = 1'000;

  // Until nothing is left to do at once.
  void step() {
    if (asked_.fetch_add(1) > 0) return;
    do {
      int turns = 0;
      do engine_.turn();
      while (engine_.idle() == Duration::zero() && ++turns < kMostTurns);
    } while (asked_.fetch_sub(1) > 1);
  }

  std::shared_ptr<MemoryDisk> data_ = std::make_shared<MemoryDisk>();
  FaultyStore store_{std::make_unique<MemoryStore>(data_), faults};
  ScriptedSender sender_;
  std::atomic<int> asked_ = 0;  // to step
  engine::Engine engine_;
};

}  // namespace exposee::fakes

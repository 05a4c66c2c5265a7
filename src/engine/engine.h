// The turn. One thread owns all delivery state; each turn takes what has come in, as much as a turn may
// (engine/turn/turn_room.h), decides, writes it as ONE value (ports/turn.h) and only then lets the effects
// out: replies, sends, the new registry. So commits are grouped by load alone. turn() is the whole of it and
// needs no thread: the simulator calls it with its own clock, store and sender.
#pragma once

#include <memory>
#include <string_view>

#include "engine/commands.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/doors.h"
#include "engine/engine_time.h"
#include "engine/housekeeping.h"
#include "engine/intake/intake.h"
#include "engine/registry.h"
#include "engine/settings.h"
#include "engine/turn/arrivals.h"
#include "engine/turn/checkpoints.h"
#include "engine/turn/outcomes.h"
#include "engine/turn/published_registry.h"
#include "engine/turn/shutdown.h"
#include "engine/turn/store_health.h"
#include "engine/turn/turn_division.h"
#include "engine/turn/turn_figures.h"
#include "engine/turn/turn_plan.h"
#include "engine/turn/turn_writer.h"

namespace exposee::engine {

constexpr int kDecisions = 3;  // of one turn, when it is refused because others were faster

class Engine final : public RegistrySource {
 public:
  Engine(EngineSettings settings, Store& store, Sender& sender, Clock& clock, Random& random,
         Observer& observer, const DiskSpace* disk = nullptr, BacklogReader* backlog = nullptr);

  // Reads the state back from the store and takes up what is owed. Once, before anything else.
  Result<void> start();

  // Between two turns: from now on the lanes of these shards are here (core/shard.h). Alone, a node has all of them,
  // and start() opens them. Error: the store's; then they are not here.
  Result<void> open_shards(ShardSet shards);
  // They are left: nothing of them starts any more, and once what is under way is recorded they are gone
  // (dispatcher().shards()), and others may have them.
  void close_shards(ShardSet shards);

  // Any thread.
  CommandSink& commands() { return arrivals_.inbox(); }
  std::shared_ptr<const RegistrySnapshot> registry() const override { return published_.registry(); }
  bool store_works() const { return health_.works(); }
  bool disk_is_low() const { return health_.disk_is_low(); }  // and events are refused
  // No attempt starts any more; commands are carried out as before.
  void hold_attempts();
  // The same, and run() returns once the attempts under way are recorded, or `limit` later.
  void request_stop(Duration limit);

  // The engine's thread.
  void run();
  void turn();
  Duration idle();       // how long nothing is due unless something comes in
  bool stopped() const;  // a requested stop is complete
  const EngineTotals& totals() const { return figures_.totals(); }
  std::size_t unwritten() const { return outcomes_.size(); }  // outcomes that the store has not taken yet
  const Dispatcher& dispatcher() const { return dispatcher_; }

 private:
  // A turn, from its begin to its effects.
  void take_turn(Instant now);
  void take_in(Instant now);
  TurnPlan make_plan(Instant now);
  void carry_out(const TurnPlan& plan, Instant now);
  void write_turn(const TurnPlan& plan, Instant now);
  Written decide_and_write(const TurnPlan& plan, Instant now);
  Result<void> decide(const TurnPlan& plan, Instant now);
  Result<void> find(const TurnPlan& plan);
  void catch_up_some(Instant now);
  Turn turn_value(const TurnPlan& plan, Instant now);
  void dispatch(Instant now);
  void clear_turn();
  void tidy(Instant now);
  bool is_busy(Instant now);

  // How it ends (engine_settle.cc).
  void end_turn(const TurnPlan& plan, const Written& written, Instant now, Duration took);
  void settle(const TurnPlan& plan, Instant now, Duration commit);
  TurnNote note_of(const TurnPlan& plan, Duration commit);
  void settle_registry(Instant now);
  void settle_lanes(Instant now);
  void refuse_turn(Conflict conflict);
  void end_for_another(Instant now);
  void void_turn(const Error& error, Instant now, std::string_view why = {});
  void look_for_turn(const UnknownTurn& turn, const Error& error, Instant now);
  bool find_out(Instant now);
  void answer_rest();
  bool divide_turn(const TurnPlan& plan, const Written& written, Instant now, Duration took);
  void leave_for_next_turn(const TurnDivision& division);
  void divide_commands(std::vector<Command>&& commands, const TurnPlan& plan, DivisionBudget& budget,
                       Instant now, Duration took);
  void divide_further(const TurnPlan& plan, DivisionBudget& budget, Instant now, Duration took);
  void store_failed(const Error& error, Instant now);
  void refuse(std::vector<Command>& commands, ErrorCode failure, std::string_view why = {});

  const EngineSettings settings_;
  const EngineDoors doors_;
  EngineTime time_;
  Registry registry_;
  Dispatcher dispatcher_;
  Housekeeping housekeeping_;
  PublishedRegistry published_;
  StoreHealth health_;
  Shutdown shutdown_;
  Arrivals arrivals_;
  Intake intake_;
  Outcomes outcomes_;
  Checkpoints checkpoints_;
  TurnWriter writer_;
  TurnFigures figures_;
};

}  // namespace exposee::engine

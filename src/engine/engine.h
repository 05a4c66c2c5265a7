// The turn. One thread owns all delivery state; each turn takes everything that has come in, decides, writes
// it as ONE value (ports/turn.h) and only then lets the effects out: replies, sends, the new registry. So
// commits are grouped by load alone. turn() is the whole of it and needs no thread: the simulator calls it
// with its own clock, store and sender.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "engine/census.h"
#include "engine/commands.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/engine_time.h"
#include "engine/housekeeping.h"
#include "engine/inbox.h"
#include "engine/intake/intake.h"
#include "engine/lane/backpressure.h"
#include "engine/mend.h"
#include "engine/registry.h"
#include "engine/settings.h"
#include "ports/clock.h"
#include "ports/disk_space.h"
#include "ports/observer.h"
#include "ports/random.h"
#include "ports/sender.h"
#include "ports/store.h"

namespace exposee::engine {

// Outcomes wait so long for company, and then for a turn without events: nobody waits for them, and each page
// that they add to a commit holds up its events. Not those of an ordered endpoint, whose next event waits.
constexpr Duration kOutcomeDelay{10'000};
constexpr Duration kOutcomeLimit{50'000};             // so old they wait for nothing more
constexpr std::size_t kOutcomeBatch = 64;             // nor so many: bounds what a crash repeats
constexpr Duration kCheckpointInterval{1'000'000};    // bounds what a start after a crash reads again
constexpr Duration kNoteFailingAfter{300'000'000};    // an endpoint that fails so long is shown as failing
constexpr Duration kStoreRetry{250'000};  // between attempts to write while the store fails
constexpr int kDecisions = 3;             // of one turn, when it is refused because others were faster

struct EngineTotals {
  std::uint64_t events = 0, attempts = 0, commits = 0, commands = 0;
  std::uint64_t most_pending = 0;  // deliveries, at any moment
};

class Engine final : public RegistrySource {
 public:
  Engine(EngineSettings settings, Store& store, Sender& sender, Clock& clock, Random& random,
         Observer& observer, const DiskSpace* disk = nullptr);

  // Reads the state back from the store and takes up what is owed. Once, before anything else.
  Result<void> start();

  // Any thread.
  CommandSink& commands() { return inbox_; }
  std::shared_ptr<const RegistrySnapshot> registry() const override { return snapshot_.load(); }
  bool store_works() const { return !store_failed_.load(); }
  bool disk_is_low() const { return disk_low_.load(); }  // and events are refused
  // No attempt starts any more; commands are carried out as before.
  void hold_attempts();
  // The same, and run() returns once the attempts under way are recorded, or `limit` later.
  void request_stop(Duration limit);

  // The engine's thread.
  void run();
  void turn();
  Duration idle();       // how long nothing is due unless something comes in
  bool stopped() const;  // a requested stop is complete
  const EngineTotals& totals() const { return totals_; }
  std::size_t unwritten() const { return outcomes_.size(); }  // outcomes of attempts that the store has not taken yet
  const Dispatcher& dispatcher() const { return dispatcher_; }

 private:
  // What a turn is going to do: made once, when everything has come in.
  struct TurnPlan {
    bool publishes = false;   // a command publishes
    bool asks = false;        // another command may write
    bool outcomes = false;    // writes those that are there
    bool catches_up = false;  // brings waiting deliveries forward
    bool checkpoint = false;
    bool writes = false;
    Durability durability = Durability::with_next;
  };

  Result<void> write_registry(std::span<const PackKey> removed_packs = {}, std::optional<Checkpoint> marks = {});
  Result<void> write_mended(const Mended& mended, const StartState& start);
  Result<void> declare_contract_types();
  Result<void> resume(const StartState& start);
  void resume_pending(const StartState& start);
  void resume_packs(const StartState& start);
  Result<void> resume_tail(const StartState& start);
  std::vector<EventSeq> low_waters(const StartState& start) const;

  void clear_turn();
  void conclude_results(std::vector<std::vector<SendResult>>& answers, Instant now);
  void conclude_one(SendResult&& result, Instant wall, Instant now);
  void take_back(const SendResult& result, Instant now);
  void note_breaker(EndpointNumber number, BreakerState was);
  bool still_owes(const Flight& flight) const;
  void take_in(Instant now);
  TurnPlan make_plan(Instant now) const;
  bool outcomes_due(const TurnPlan& plan, Instant now) const;
  bool checkpoint_due(Instant now) const;
  void write_turn(Instant now);
  Written decide_and_write(Instant now);
  Result<void> decide(Instant now);
  Turn turn_value(Instant now);
  void collect_outcomes(Instant now);
  void review_endpoint(const Concluded& done, int status, Instant now);
  void end_overflow(Instant now);
  void look_at_disk(Instant now);
  Result<void> catch_up_some(Instant now);
  void end_turn(const Written& written, Instant now, Duration took);
  bool divide_turn(const Written& written, Instant now, Duration took);
  bool can_write(Instant now);
  Written divide_parts(Instant now);
  Written write_part(Turn turn, Instant now);
  Written write_rows(std::span<const DeliveryRow> rows, Instant now);
  Written divide_outcomes(Instant now);
  Written divide_outcomes(std::size_t first, std::size_t last, std::size_t& done, Instant now);
  Written divide_outcome(std::size_t outcome, Instant now);
  Written write_outcomes(std::size_t first, std::size_t last, bool with_attempts, Instant now);
  void settle_first_outcomes(std::size_t count);
  DeliveryRow row_of_success(std::size_t outcome) const;
  void set_aside(std::size_t outcome, Instant now);
  void tell_set_aside(std::size_t outcome, std::string why);
  Written divide_unowed(Instant now);
  Written divide_steps(Instant now);
  Written divide_checkpoint(Instant now);
  void divide_commands(std::vector<Command>&& commands, Instant now, Duration took);
  void refuse_turn(Conflict conflict);
  void look_for_turn(const Error& error, Instant now, Duration took);
  bool find_out(Instant now);
  void refuse_meanwhile();
  void defer_commands();
  void settle(Instant now, Duration commit);
  void settle_checkpoint(Instant now);
  void settle_endpoints(Instant now);
  void settle_outcomes();
  void tell_outcomes();
  TurnNote turn_note(std::size_t recorded, Duration commit);
  void tell_turn(Duration began, Instant now);
  void drop_unowed_drafts(const std::vector<Registry::Change>& changes);
  void settle_registry(const std::vector<Registry::Change>& changes);
  void void_turn(const Error& error, Instant now, std::string_view why = {});
  void refuse_commands(std::vector<Command>& commands, std::string_view why = {});
  void reply();
  void dispatch(Instant now);
  void store_failed(const Error& error, Instant now);

  const EngineSettings settings_;
  Store& store_;
  Sender& sender_;
  Clock& clock_;
  EngineTime time_;
  Random& random_;
  Observer& observer_;
  const DiskSpace* const disk_;

  Inbox inbox_;
  Registry registry_;
  Dispatcher dispatcher_;
  Housekeeping housekeeping_;
  Deferrals deferrals_;
  Intake intake_;
  std::atomic<std::shared_ptr<const RegistrySnapshot>> snapshot_;

  AdmissionQueue admission_;                // publishes that wait for the pressure to go
  Inbox::Batch batch_;                      // what this turn took in
  TurnPlan plan_;                           // of this turn
  Findings findings_;                       // of its commands
  std::vector<Concluded> outcomes_;         // not yet on disk
  std::vector<AttemptRow> attempts_;        // of the outcomes, one each
  bool outcomes_settled_ = false;           // they are on disk, and the observer does not know yet
  std::vector<DeliveryRow> unowed_;         // rows to end as cancelled, not yet on disk
  std::vector<Dispatcher::Forward> forwarded_;  // by this turn
  std::optional<Dispatcher::Checkpoint> checkpoint_;  // this turn's
  std::uint32_t overflow_ = 0;  // deliveries that this turn accepted and no lane takes
  Handed handed_;                               // to the sender, this turn

  TurnMarker marker_;            // of the last turn that was written
  bool unknown_ = false;         // nobody knows how that ended: it comes first
  Inbox::Batch meanwhile_;       // what came in since
  Duration unknown_took_{};
  EventSeq last_event_;
  Instant last_time_;  // of the last turn
  std::optional<Instant> outcomes_since_;
  bool order_waits_ = false;  // an outcome of an ordered endpoint is among them
  Instant checkpoint_at_;
  Chore checkpoints_{"checkpoint"};
  bool dirty_ = false;  // something was written since the last checkpoint
  std::atomic<bool> store_failed_ = false;
  ErrorCode failure_ = ErrorCode::unavailable;
  Instant store_retry_at_;
  std::atomic<bool> disk_low_ = false;
  Instant look_at_disk_at_;
  std::atomic<bool> stopping_ = false;  // no attempt starts any more
  std::atomic<bool> ending_ = false;    // and run() is to return
  bool recalled_ = false;               // because of that, what the sender holds
  std::atomic<std::int64_t> stop_limit_us_ = 0;
  std::optional<Instant> stop_by_;
  EngineTotals totals_;
  CensusTaker census_;
};

}  // namespace exposee::engine

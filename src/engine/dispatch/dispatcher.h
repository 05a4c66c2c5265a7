// Starts attempts. Knits together the lanes, the attempts under way, whose turn it is and what is read from
// the store. It has no part in transactions: it is given what is on disk, and gives back the jobs to
// send. Owned by the engine; its thread only.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/commands.h"
#include "engine/dispatch/body_shares.h"
#include "engine/dispatch/catch_ups.h"
#include "engine/dispatch/flights.h"
#include "engine/dispatch/held_shards.h"
#include "engine/dispatch/lane_table.h"
#include "engine/dispatch/owed_count.h"
#include "engine/dispatch/packing.h"
#include "engine/dispatch/read_rounds.h"
#include "engine/dispatch/read_troubles.h"
#include "engine/dispatch/scheduler.h"
#include "engine/dispatch/sifting.h"
#include "engine/lane/backpressure.h"
#include "engine/lane/lane.h"
#include "engine/outcome.h"
#include "engine/settings.h"
#include "ports/observer.h"

namespace exposee::engine {

class Dispatcher final : public EngineView {
 public:
  Dispatcher(const EngineSettings& settings, const Registry& registry, Store& store, Observer& observer);
  // From now on `reader` reads what waits behind windows and the events of retries, and its results come in
  // by take_in().
  void read_through(BacklogReader& reader, BacklogSink& sink) { reads_.through(reader, sink); }

  // --- whose lanes are here (core/shard.h) ---
  const HeldShards& shards() const { return shards_; }
  // From now on the lanes of these are here, and are told what they are owed as after a start. Those that are
  // being left stay as they are, and are not left.
  void take_up(ShardSet shards, Instant now);
  // No attempt at their endpoints starts any more. Once those under way are recorded let_go() gives up their
  // lanes: the store knows all that they do, as far back as the last checkpoint.
  void leave(ShardSet shards, Instant now);
  void let_go();

  // --- what is on disk now ---
  // The endpoint is new or has changed: its lane follows, if it has one. `interrupted`: it was inactive
  // before or meanwhile, or is now, so that the lane begins anew.
  void sync(const EndpointState& state, bool interrupted, Instant now);
  // A newly accepted event and whom it is owed to.
  void route(const EventRef& event, const Subscribers& owed_to, Instant now);
  // After a start: an event that may be owed to the endpoint, and that is examined when its lane comes to
  // it.
  void route_unseen(EventSeq event, EndpointNumber number, Instant now);
  // After a start, before all events: a pack of the endpoint's, or one that no lane needs any more.
  void resume_pack(const StartState::Pack& pack);
  void drop_pack(const PackKey& pack) { packing_.drop(pack); }
  void resume_pending(const StartState::LanePending& pending);
  // The outcome of an attempt, or a row that a command wrote, is on disk. An attempt that is under way and
  // would not have counted becomes the one asked for by hand.
  void settled(const Concluded& done);
  void retried(const DeliveryRow& row, bool newly_owed);
  // After a start: the hold that was noted last.
  void resume_hold(const Hold& hold, Instant now);
  void resume_failing_days(const FailingDaysRow& row, Duration running);
  // Somebody wants it tried at once; a test shows that it is well.
  void resumed(EndpointNumber number, Instant now);
  void returned(EndpointNumber number, Instant now);

  // --- what waits for an endpoint that is back (engine/lane/catch_up.h) ---
  using Forward = CatchUps::Step;
  bool may_catch_up(Instant now) { return catch_ups_.may_step(now); }
  // Reads the next step of some of the lanes; they are told by brought_forward() once it is on disk.
  // `written`: rows that the same turn writes before them.
  std::vector<Forward> next_steps(Instant now, std::span<const DeliveryRow> written);
  void brought_forward(const Forward& step);

  // --- what was unsubscribed (engine/dispatch/sifting.h) ---
  bool may_sift(EndpointNumber number) const {
    const auto* lane = find_lane(number);
    return lane && (lane->owed.count > 0 || !lane->backlog.idle());
  }
  // A step. Every row that has ended is on disk.
  Result<SiftEnd> sift(NodeEpoch as, SiftPass& pass, Instant now);

  // --- attempts ---
  // Takes back the slot of an answered attempt.
  Flight land(std::uint64_t ticket, const Verdict& verdict, Duration took, Instant now, double unit);
  // Takes back an attempt that never started, as if it had not been handed out: what is still owed waits in
  // its lane again, first in line; a row that is not goes to `unowed`.
  void take_back(std::uint64_t ticket, bool still_owed, Instant now, std::vector<DeliveryRow>& unowed);
  // No attempt at the endpoint begins for a while: this machine lacked something for the last one.
  void hold_off(EndpointNumber number, Instant now) { lane(number).gate.note_shortage(now); }
  const Flight& flight(std::uint64_t ticket) const { return flights_.at(ticket); }
  // What has not started comes back to be taken back.
  void recall_all();
  // Starts what may start, handed to the sender at `handed_at`: a commit later than `now`. Without a reader
  // of backlogs it reads first; deliveries of which that shows that they are owed no more go to `ended`. An
  // error is the store's (full, unavailable), and what is in memory starts all the same. What is damaged
  // stops the reads of its own endpoint alone, for a while.
  Result<void> dispatch(Instant now, Instant handed_at, std::vector<SendJob>& jobs,
                        std::vector<DeliveryRow>& ended);
  // What was asked for earlier has been read; the results are used up. Likewise; what could not be read stops
  // the reads of its own endpoint alone: the store itself may be well.
  void take_in(BacklogResults& results, Instant now, std::vector<DeliveryRow>& ended);
  // Deliveries of events that were read back and could not be: they end, or are put off if that may pass.
  void take_unreadable_events(Instant now, std::vector<DeliveryRow>& rows);
  // One of the rows that take_in(), dispatch(), take_back() and take_unreadable_events() gave is on disk.
  void recorded(const DeliveryRow& row);
  // Whether an ordered endpoint's next event waits for one of them.
  bool order_waits(std::span<const DeliveryRow> rows) const;

  // Since when every attempt at the endpoint has failed; nothing when the last one succeeded.
  std::optional<Instant> failing_since(EndpointNumber number) const { return gate(number).failing_since(); }
  // How many days of that time count (D9).
  const FailingDays& failing_days(EndpointNumber number) const { return gate(number).failing_days(); }
  void count_failing_day(EndpointNumber number, Duration running) {
    lane(number).gate.count_failing_day(running);
  }
  // What is to be written down of them now, if anything; `anew`: whatever was noted before is of another
  // time.
  std::optional<FailingDaysNote> failing_days_to_note(EndpointNumber number, Duration running,
                                                      bool anew) const {
    return gate(number).failing_days_to_note(running, anew);
  }
  void failing_days_noted(const FailingDaysRow& row) { lane(row.endpoint).gate.failing_days_noted(row.note); }
  BreakerState breaker(EndpointNumber number) const override { return gate(number).breaker().state(); }
  std::optional<Instant> held_until(EndpointNumber number) const override {
    return gate(number).held_until();
  }
  std::uint64_t pending(EndpointNumber number) const override {
    const auto* lane = find_lane(number);
    return lane ? lane->owed.count : 0;
  }
  // What is new about the endpoint's hold since this was asked last.
  Gate::HoldNews hold_news(EndpointNumber number, Instant now) {
    return find_lane(number) ? lane(number).gate.hold_news(now) : Gate::HoldNews::none;
  }
  Waiting waiting(const DeliveryRow& row, Instant now) const override;  // of any stored row
  // Of an ordered endpoint: whether it is this delivery's turn.
  bool is_next(const DeliveryKey& key) const;

  // --- what a start needs to know (engine/dispatch/packing.h) ---
  using Checkpoint = Packing::Checkpoint;
  Checkpoint checkpoint(EventSeq last, Instant now) { return packing_.checkpoint(last, now); }
  Packing& packing() { return packing_; }
  void checkpointed(const Checkpoint& checkpoint) {
    packing_.checkpointed(checkpoint, scheduler_.now());
    owed_.audit(lanes_);
  }

  std::optional<Instant> next_wake() const;
  bool has_ready() const { return reads_.has_work() || (scheduler_.has_ready() && !flights_.is_full()); }
  std::size_t flights() const { return flights_.count(); }
  std::size_t held_bytes() const { return shares_.held(); }  // of event bodies
  std::uint64_t owed() const { return owed_.total(); }
  // Whether so many deliveries wait for some endpoint, or for this one, that further ones end at once (D8).
  bool any_full() const { return owed_.any_full(); }
  bool is_full(EndpointNumber number) const {
    const auto* lane = find_lane(number);
    return lane && lane->owed.is_full;
  }
  // Deliveries that ended because they were not owed any more, without a row that says so.
  std::uint64_t given_up() const { return owed_.given_up(); }
  // Null: it never had anything to do, or no endpoint has the number.
  const Lane* find_lane(EndpointNumber number) const { return lanes_.find(number); }
  std::size_t endpoints() const { return lanes_.size(); }  // the removed ones included
  // Nothing of it waits or is under way, and it stands in no line; and as if it had never been there.
  bool is_idle(EndpointNumber number) const {
    const auto* lane = find_lane(number);
    return !lane || lane->is_idle();
  }
  void forget(EndpointNumber number) { lanes_.drop(number); }
  Backpressure& pressure() { return backpressure_; }
  const Backpressure& pressure() const { return backpressure_; }
  bool in_flight(const DeliveryKey& key) const override;
  // An attempt at it is under way and what it comes to will count: its endpoint was not disabled meanwhile.
  bool counts(const DeliveryKey& key) const;

 private:
  void set_aside(Lane& lane, const Concluded& done);
  // The endpoint's, which is made if it has none yet.
  Lane& lane(EndpointNumber number) {
    auto* lane = lanes_.find(number);
    return lane ? *lane : make(number);
  }
  Lane& make(EndpointNumber number);
  Lane* known(EndpointNumber number) { return lanes_.find(number); }
  // As that of a new lane, if it has none.
  const Gate& gate(EndpointNumber number) const {
    static const Gate kNew;
    const auto* lane = find_lane(number);
    return lane ? lane->gate : kNew;
  }
  const Flight* find_flight(const DeliveryKey& key) const;
  void follow(Lane& lane, const Endpoint& endpoint, Instant since);
  void follow(ShardSet shards, Instant since);
  const TargetRef& target_of(Lane& lane) const;
  void begin_anew(Lane& lane);
  void recall(Lane& lane);
  void was_not_soon(Lane& lane);
  void press(Lane& lane) { backpressure_.update(lane, *registry_.find(lane.number)); }
  // It lags, and the cause is its own.
  void came_late(Lane& lane, std::uint64_t count);
  void learn(Lane& lane, const Verdict& verdict, Duration took, Instant now, double unit);
  void end(Lane& lane, const Flight& flight, Instant now, std::vector<DeliveryRow>& unowed);
  void run(Lane& lane, Instant now, Instant handed_at, std::vector<SendJob>& jobs);
  void start_next(Lane& lane, Instant now, Instant handed_at, std::vector<SendJob>& jobs);

  const EngineSettings& settings_;
  const Registry& registry_;
  HeldShards shards_;
  LaneTable lanes_;
  Backpressure backpressure_;
  OwedCount owed_;
  Flights flights_;
  Packing packing_;
  BodyShares shares_;
  Scheduler scheduler_;
  ReadTroubles troubles_;
  ReadRounds reads_;
  CatchUps catch_ups_;
  Sifting sifting_;
};

}  // namespace exposee::engine

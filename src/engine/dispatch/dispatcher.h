// Decides which attempt starts next. Holds the lanes, the attempts under way and the timers; knows nothing of
// transactions: the engine tells it what is on disk, it tells the engine what to send. Engine's thread only.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "engine/commands.h"
#include "engine/lane/backpressure.h"
#include "engine/lane/fast_flights.h"
#include "engine/lane/held_bodies.h"
#include "engine/lane/lane.h"
#include "engine/outcome.h"
#include "engine/settings.h"
#include "ports/observer.h"

namespace exposee::engine {

constexpr std::size_t kLaneQuantum = 16;   // attempts one lane may start before the next lane's turn
constexpr std::size_t kShareOfFree = 4;    // a lane may hold as many slots as a quarter of those still free
constexpr std::uint32_t kFirstAllowance = 8;  // attempts at once of a lane that has proved nothing yet
constexpr std::size_t kCatchUpsPerTurn = 4;   // lanes that catch up by a step in one turn

// What a turn hands to the sender.
struct Handed {
  std::vector<SendJob> ready;
  std::vector<SendJob> unread;  // retries: they know only the number of their event
};

class Dispatcher final : public EngineView {
 public:
  Dispatcher(const EngineSettings& settings, const Registry& registry, Store& store, Observer& observer);

  // --- what is on disk now ---
  // The endpoint is new or has changed: its lane follows. `interrupted`: it was inactive before or meanwhile,
  // or is now, so that the lane begins anew.
  void sync(const EndpointState& state, bool interrupted, Instant now);
  // A newly accepted event and whom it is owed to.
  void route(const EventRef& event, const std::vector<EndpointNumber>& owed_to, Instant now);
  // After a start: an event that may be owed to the endpoint, and that is looked at once its lane comes to it.
  void route_unseen(EventSeq event, EndpointNumber number, Instant now);
  // After a start, before all events: a pack of the endpoint's, or one that no lane needs any more.
  void resume_pack(const StartState::Pack& pack);
  void drop_pack(const PackKey& pack) { stale_packs_.push_back(pack); }
  void resume_pending(const StartState::LanePending& pending);
  // The outcome of an attempt, or a row that a command wrote, is on disk. An attempt that is under way and would
  // not have counted is the one that was asked for.
  void settled(const Concluded& done);
  void retried(const DeliveryRow& row, bool newly_owed);
  // Nothing of what a first attempt came to can be stored: this process makes no other one, and a start finds the
  // delivery still owed.
  void set_aside(const Event& event, EndpointNumber number);
  // After a start: the hold that was noted last.
  void resume_hold(const Hold& hold, Instant now);
  void resume_failing_days(const FailingDaysRow& row, Duration running);
  // Somebody wants it tried at once; a test shows that it is well.
  void resumed(EndpointNumber number, Instant now);
  void returned(EndpointNumber number, Instant now);

  // --- what waits for an endpoint that is back (engine/lane/catch_up.h) ---
  struct Forward {
    EndpointNumber endpoint;
    RetryWindow::Place cursor;      // looked at up to here
    bool more = false;              // others lie beyond
    std::vector<DeliveryRow> rows;  // to be put, due now
  };
  bool may_catch_up(Instant now) const;
  // Reads the next step of some of the lanes; they are told by brought_forward() once it is on disk.
  // `written`: rows that the same turn writes before them.
  Result<std::vector<Forward>> next_steps(Instant now, std::span<const DeliveryRow> written);
  void brought_forward(const Forward& step);

  // --- attempts ---
  // Takes back the slot of an answered attempt.
  Flight land(std::uint64_t ticket, const Verdict& verdict, Duration took, Instant now, double unit);
  // Takes back an attempt that never started, as if it had not been handed out: what is still owed waits in
  // its lane again, first in line; a row that is not goes to `unowed`.
  void take_back(std::uint64_t ticket, bool still_owed, Instant now, std::vector<DeliveryRow>& unowed);
  // No attempt at the endpoint begins for a while: this machine lacked something for the last one.
  void hold_off(EndpointNumber number, Instant now) { lane(number).note_shortage(now); }
  const Flight& flight(std::uint64_t ticket) const;
  // What has not started comes back to be taken back.
  void recall_all();
  // Starts what may start, handed to the sender at `handed_at`: a commit later than `now`. An error is the store's
  // (full, unavailable), and what is in memory starts all the same. What is damaged stops the reads of its own
  // endpoint alone, for a while.
  Result<void> dispatch(Instant now, Instant handed_at, Handed& handed);
  // Reads the events of unread jobs. Deliveries that turn out to be no longer owed go to `unowed`; jobs whose
  // events could not be read are back in their lanes. Errors as those of dispatch().
  Result<void> fetch_events(Instant now, std::vector<SendJob>& unread, std::vector<DeliveryRow>& unowed);
  // Deliveries of events that were read back and could not be: they end, in rows added to `ended`.
  void end_unreadable_events(Instant now, std::vector<DeliveryRow>& ended);

  // Since when every attempt at the endpoint has failed; nothing when the last one succeeded.
  std::optional<Instant> failing_since(EndpointNumber number) const {
    return lanes_.at(number.value - 1)->failing_since;
  }
  // How many days of that time count (D9).
  const FailingDays& failing_days(EndpointNumber number) const {
    return lanes_.at(number.value - 1)->failing_days;
  }
  void count_failing_day(EndpointNumber number, Duration running) {
    lane(number).failing_days.note_failure(running);
  }
  // What is to be written down of them now, if anything; `anew`: whatever was noted before is of another time.
  std::optional<FailingDaysNote> failing_days_to_note(EndpointNumber number, Duration running, bool anew) const;
  void failing_days_noted(const FailingDaysRow& row) { lane(row.endpoint).failing_noted = row.note; }
  BreakerState breaker(EndpointNumber number) const override {
    return lanes_.at(number.value - 1)->breaker.state();
  }
  std::optional<Instant> held_until(EndpointNumber number) const override {
    return lanes_.at(number.value - 1)->held_until;
  }
  Waiting waiting(const DeliveryRow& row, Instant now) const override;  // of any stored row
  // Of an ordered endpoint: whether it is this delivery's turn.
  bool is_next(const DeliveryKey& key) const;

  // --- what a start needs to know ---
  struct Checkpoint {
    std::vector<LaneMark> marks;      // of the lanes that are not settled up to the last event
    std::vector<PackKey> removed;     // before others are put
    std::vector<BacklogPack> packs;   // new ones, and those that have grown
    std::vector<std::pair<Lane*, BacklogStep>> steps;
    std::size_t stale = 0;  // of `removed`, packs that no lane needed any more
    bool more = false;      // the next one has something to write, though nothing else happens
    bool has_room(std::size_t limit) const { return packs.size() < limit && removed.size() - stale < limit; }
  };
  // As everything is once the outcomes of this turn are on disk; `last`: the last event before it.
  Checkpoint checkpoint(EventSeq last, Instant now);
  void checkpointed(const Checkpoint& checkpoint);  // it is on disk

  std::optional<Instant> next_wake() const;
  bool has_ready() const {
    return !refills_.empty() || (!ready_.empty() && used_slots_ < settings_.max_in_flight);
  }
  std::size_t flights() const { return used_slots_; }
  std::size_t held_bytes() const { return bodies_.bytes(); }  // of event bodies
  std::uint64_t owed() const { return owed_; }
  // Whether so many deliveries wait for some endpoint, or for this one, that further ones end at once (D8).
  bool any_full() const { return full_ > 0; }
  bool is_full(EndpointNumber number) const { return lanes_.at(number.value - 1)->is_full; }
  // Deliveries that ended because nobody was owed them any more and that have no row saying so.
  std::uint64_t given_up() const { return given_up_; }
  std::size_t lanes() const { return lanes_.size(); }
  const Lane& lane_at(std::size_t index) const { return *lanes_[index]; }
  Backpressure& pressure() { return backpressure_; }
  const Backpressure& pressure() const { return backpressure_; }
  bool in_flight(const DeliveryKey& key) const override;
  // An attempt at it is under way and what it comes to will count: its endpoint was not disabled meanwhile.
  bool counts(const DeliveryKey& key) const;

 private:
  std::optional<std::size_t> find_slot(const DeliveryKey& key) const;
  // Nothing for a number that no endpoint has.
  const Lane* find_lane(EndpointNumber number) const;
  struct Slot {
    Flight flight;
    Lane* lane = nullptr;  // none: free
    std::uint32_t generation = 0;
    std::uint32_t place = 0;  // in Lane::slots
  };
  // What may still be read back in this turn.
  struct ReadBudget {
    std::size_t reads, bytes;  // events and rows; bodies
    bool is_spent() const { return reads == 0 || bytes == 0; }
    void spend(std::size_t r, std::size_t b) {
      reads -= std::min(reads, r);
      bytes -= std::min(bytes, b);
    }
  };
  using Wake = std::pair<Instant, EndpointNumber>;

  Lane& lane(EndpointNumber number);
  void queue_catch_up(Lane& lane);
  void leave_catch_up_line(Lane& lane);
  void end_catch_up(Lane& lane);
  void begin_anew(Lane& lane);
  void set_open(Lane& lane, bool open, Instant now);
  void recall(Lane& lane);
  void was_not_soon(Lane& lane);
  bool has_share(const Lane& lane) const;
  void press(Lane& lane) { backpressure_.update(lane, *registry_.find(lane.number)); }
  void add_owed(Lane& lane, std::uint64_t count);
  void note_full(Lane& lane);
  std::uint64_t reduce_owed(Lane& lane, std::uint64_t count);  // by how many it did
  void recount(Lane& lane);
  void list(Lane& lane);
  std::size_t bytes_for(const Lane& lane) const;
  bool has_bytes(const Lane& lane) const;
  std::size_t refill_size(const Lane& lane) const;
  bool may_refill(const Lane& lane) const;
  std::vector<const Event*> first_attempts(const Lane& lane) const;
  void plan(Lane& lane, Backlog::InFlight in_flight, Instant now, Checkpoint& checkpoint);
  void ready(Lane& lane);
  void queue_refill(Lane& lane);
  void wake_due(Instant now);
  Result<void> refill_some();
  Result<void> refill(Lane& lane, ReadBudget& budget);
  Result<void> refill_rows(Lane& lane, ReadBudget& budget);
  Result<void> refill_events(Lane& lane, ReadBudget& budget);
  void run_lane(Lane& lane, Instant now, Handed& handed);
  bool start_one(Lane& lane, Instant now, Handed& handed);
  std::uint64_t take_off(Lane& lane, Flight&& flight);
  Result<std::vector<EventRef>> read_events(std::span<const SendJob> jobs);
  void take_events(std::span<const EventRef> loaded, Instant now, std::vector<SendJob>& unread,
                   std::vector<DeliveryRow>& unowed);
  Result<void> fetch_by_lane(Instant now, std::vector<SendJob>& unread, std::vector<DeliveryRow>& unowed);
  void put_back(std::vector<SendJob>& unread);
  Result<void> bear(Lane& lane, const Error& error);
  void wake(Lane& lane, Instant at);
  void abandon(const SendJob& job);
  void free_slot(std::uint32_t index);
  Lane& leave_slot(std::uint64_t ticket, Flight& flight);
  void rest(Lane& lane, Instant now);

  const EngineSettings& settings_;
  const Registry& registry_;
  Store& store_;
  Observer& observer_;
  std::vector<std::unique_ptr<Lane>> lanes_;  // of endpoint n at n - 1
  std::deque<Lane*> ready_;
  std::deque<Lane*> crowded_out_;       // could start more, but for their share of the free slots
  std::deque<Lane*> fast_crowded_out_;  // or of what this machine carries for fast receivers
  std::deque<Lane*> refills_;
  std::deque<Lane*> catching_up_;
  std::vector<Lane*> listed_;    // those with work: under way, waiting or not on disk yet
  std::size_t planned_next_ = 0;  // of them, the one with which the next checkpoint begins
  std::deque<PackKey> stale_packs_;  // on disk, and needed by no lane any more
  std::set<Wake> wakes_;         // one a lane, at most
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::size_t used_slots_ = 0;
  HeldBodies bodies_;
  std::vector<DeliveryKey> unreadable_;  // see end_unreadable_events()
  std::uint64_t owed_ = 0, given_up_ = 0;
  std::size_t full_ = 0;  // lanes
  Backpressure backpressure_;
  FastFlights fast_flights_;
  Instant now_;        // of this turn
  Instant handed_at_;  // of what is dispatched now
};

}  // namespace exposee::engine

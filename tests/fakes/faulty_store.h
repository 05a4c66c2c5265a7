// A store that fails when told to: every call of the one inside counts as a step, and chosen steps end as the
// plan says. For proving that no failure at any place loses, forges or doubles anything. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "ports/observer.h"
#include "ports/store.h"

namespace exposee::fakes {

// What becomes of a chosen step.
enum class Fault : std::uint8_t {
  fails,      // nothing happens, and it says so
  perhaps,    // of a write: the same, but a start might find it
  in_effect,  // of a write: it takes effect, and nobody is told
  lost,       // of a write: it takes no effect, and nobody is told
  refused,    // of a write: as if another node had been faster
};

// Which steps fail, and how; shared by a test and the stores it makes.
struct FaultPlan {
  std::uint64_t steps = 0;       // taken so far
  std::uint64_t fail_from = 0;   // the first step that fails, counted from 1; 0: none
  std::uint64_t fail_count = 0;  // so many in a row
  Fault fault = Fault::fails;
  ErrorCode code = ErrorCode::unavailable;
  std::uint64_t failed = 0;
  std::array<std::uint64_t, static_cast<std::size_t>(Fault::refused) + 1> bad_writes{};  // by fault
  Durability last_begun = Durability::at_commit;  // what the last turn was to be
  std::uint64_t expires = 0;                      // steps of retention so far
  // So many of the next steps of housekeeping end badly: nothing happens, or they take effect, and either way
  // they say that they failed.
  std::uint64_t bad_chores = 0;
  bool chores_take_effect = false;
  ErrorCode chore_code = ErrorCode::unavailable;
  std::map<ChoreKind, std::uint64_t> failed_chores;  // how many did
  // Steps that end so however often they are tried; null: none.
  std::function<bool(const Turn&)> refuses;  // a part of the turn can never be written: `code`
  std::function<bool()> retention_fails, cancelling_fails;
  std::function<bool(EndpointNumber)> damaged_rows;  // what is read of this endpoint's: `damaged`
  std::function<bool(EventSeq)> damaged_event;       // likewise, when it is read back for a retry
  std::function<bool(EventSeq)> damaged_body;        // when it is read for a window
  std::function<bool(EventSeq)> stuck_event;         // the disk cannot read it, whatever it is read for
  std::function<bool(const PackKey&)> lost_pack;     // of packs that are not on disk any more
  ErrorCode damage_code = ErrorCode::damaged;  // of reads that end so; unavailable: the disk cannot read it
  std::uint64_t damaged_reads = 0;             // so many ended so
  std::function<void()> lane_read;             // called as something is read for a lane
  std::size_t most_sifted = 0;                 // packs, by one step
  std::function<void(EventBatch&)> spoils;     // what a start reads back
  std::function<bool(EventSeq)> unreadable;    // its row: wherever it is read it is left out, by name
  std::function<bool(const PackKey&)> damaged_pack;  // it names every event of its stretch
  std::function<void()> before_write;                // time may pass, and whatever else
  // Something else is done than was asked for.
  std::function<void(Turn&)> sabotages;
  std::function<void(OwedPage&)> spoils_page;
  std::function<void(StartState&)> spoils_start;
  bool always_settled = false;  // it says so
  std::function<void(Instant& events_before)> hurries_retention;
  // Who watches what is really done: before a turn is written and after it was, and likewise of retention.
  std::function<void(const Turn&)> writes, wrote;
  std::function<void(Instant events_before)> expiring;
  std::function<void()> expired;

  void fail_next(std::uint64_t count, ErrorCode why, Fault how = Fault::fails) {
    fail_from = steps + 1;
    fail_count = count;
    code = why;
    fault = how;
  }
};

class FaultyStore final : public Store {
 public:
  FaultyStore(std::unique_ptr<Store> inner, FaultPlan& plan) : inner_(std::move(inner)), plan_(plan) {}

  Result<StartState> load_start() override {
    EXPOSEE_TRY(step());
    auto start = inner_->load_start();
    if (start && plan_.spoils_start) plan_.spoils_start(*start);
    return start;
  }
  Result<Found> look(const Lookups& lookups) override {
    EXPOSEE_TRY(step());
    return inner_->look(lookups);
  }
  Written write(const Turn& turn) override {
    plan_.last_begun = turn.durability;
    if (plan_.before_write) plan_.before_write();
    if (auto taken = step(); !taken) return write_badly(turn, std::move(taken).error());
    if (plan_.refuses && plan_.refuses(turn))
      return Written::failed({plan_.code, "can never be written", ""});
    return write_well(turn);
  }
  Result<bool> settled(const TurnMarker& marker) override {
    EXPOSEE_TRY(step());
    if (plan_.always_settled) return true;
    return inner_->settled(marker);
  }
  Result<std::uint64_t> raise_epoch(std::uint64_t node) override {
    EXPOSEE_TRY(step());
    return inner_->raise_epoch(node);
  }
  Result<std::uint64_t> cancel(NodeEpoch as, EndpointNumber endpoint, std::uint64_t limit,
                               Instant now) override {
    EXPOSEE_TRY(step());
    if (plan_.cancelling_fails && plan_.cancelling_fails()) return damaged();
    return chore(ChoreKind::cancel, [&] { return inner_->cancel(as, endpoint, limit, now); });
  }
  Result<Expired> expire(NodeEpoch as, Instant events_before, Instant replies_before,
                         std::uint64_t limit) override {
    EXPOSEE_TRY(step());
    const bool of_events = events_before > Instant::min();
    plan_.expires += of_events;
    if (of_events && plan_.retention_fails && plan_.retention_fails()) return damaged();
    if (of_events && plan_.hurries_retention) plan_.hurries_retention(events_before);
    if (of_events && plan_.expiring) plan_.expiring(events_before);
    return chore(of_events ? ChoreKind::retention : ChoreKind::replies, [&] {
      auto done = inner_->expire(as, events_before, replies_before, limit);
      if (plan_.expired) plan_.expired();
      return done;
    });
  }
  Result<std::vector<EndpointNumber>> forget(NodeEpoch as,
                                             std::span<const EndpointNumber> endpoints) override {
    EXPOSEE_TRY(step());
    for (const auto endpoint : endpoints) EXPOSEE_TRY(read_of(endpoint));
    return chore(ChoreKind::forget, [&] { return inner_->forget(as, endpoints); });
  }
  Result<EndedSubscriptions> forget_ended(NodeEpoch as, const SubscriptionKey& after,
                                          std::uint64_t limit) override {
    EXPOSEE_TRY(step());
    return chore(ChoreKind::forget_ended, [&] { return inner_->forget_ended(as, after, limit); });
  }
  Result<std::vector<SiftedPack>> sift(NodeEpoch as, EndpointNumber endpoint,
                                       std::span<const PackStretch> packs) override {
    EXPOSEE_TRY(step());
    EXPOSEE_TRY(read_of(endpoint));
    plan_.most_sifted = std::max(plan_.most_sifted, packs.size());
    return chore(ChoreKind::sift, [&] { return inner_->sift(as, endpoint, packs); });
  }
  Result<EndedRows> end_unowed(NodeEpoch as, EndpointNumber endpoint, std::pair<Instant, EventSeq> after,
                               std::span<const EventSeq> under_way, std::uint32_t limit,
                               Instant now) override {
    EXPOSEE_TRY(step());
    EXPOSEE_TRY(read_of(endpoint));
    return chore(ChoreKind::sift,
                 [&] { return inner_->end_unowed(as, endpoint, after, under_way, limit, now); });
  }
  Result<PackNumbers> load_pack(const PackKey& key, EventSeq last) override {
    EXPOSEE_TRY(lane_step());
    EXPOSEE_TRY(read_of(key.endpoint));
    auto numbers = inner_->load_pack(key, last);
    if (numbers && plan_.lost_pack && plan_.lost_pack(key)) numbers->missing = true;
    if (numbers && plan_.damaged_pack && plan_.damaged_pack(key))
      EXPOSEE_TRY(widen(key.first, last, *numbers));
    return numbers;
  }
  Result<OwedPage> load_owed(EndpointNumber endpoint, std::span<const EventSeq> events,
                             std::size_t max_bytes) override {
    EXPOSEE_TRY(lane_step());
    EXPOSEE_TRY(read_of(endpoint));
    const auto before = events.first(before_stuck(events));
    auto page = inner_->load_owed(endpoint, before, max_bytes);
    if (page && page->looked_at == before.size() && before.size() < events.size()) page->stopped = stuck();
    if (page && plan_.damaged_body) damage_bodies(*page, plan_.damaged_body);
    if (page && plan_.unreadable) damage_bodies(*page, plan_.unreadable);
    if (page && plan_.spoils_page) plan_.spoils_page(*page);
    return page;
  }
  Result<EventBatch> load_events_after(EventSeq after, std::uint32_t max_events) override {
    EXPOSEE_TRY(step());
    auto batch = inner_->load_events_after(after, max_events);
    if (batch && plan_.unreadable) end_at_unreadable(*batch);
    if (batch && plan_.spoils) plan_.spoils(*batch);
    return batch;
  }
  Result<std::vector<DeliveryKey>> load_touched_after(EventSeq after) override {
    EXPOSEE_TRY(step());
    return inner_->load_touched_after(after);
  }
  Result<EventsRead> load_events(std::span<const EventSeq> seqs, std::size_t max_bytes) override {
    EXPOSEE_TRY(lane_step());
    if (plan_.damaged_event && std::ranges::any_of(seqs, plan_.damaged_event)) return damaged_read();
    const auto before = seqs.first(before_stuck(seqs));
    auto read = inner_->load_events(before, max_bytes);
    if (read && read->looked_at == before.size() && before.size() < seqs.size()) read->stopped = stuck();
    if (read && plan_.unreadable) std::erase_if(read->events, is_unreadable());
    return read;
  }
  Result<std::vector<DeliveryRow>> load_pending(EndpointNumber endpoint, Instant after_due,
                                                EventSeq after_event, std::uint32_t limit) override {
    EXPOSEE_TRY(lane_step());
    EXPOSEE_TRY(read_of(endpoint));
    return inner_->load_pending(endpoint, after_due, after_event, limit);
  }
  Result<std::vector<DeliveryRow>> load_asked(EndpointNumber endpoint, Instant after_due,
                                              EventSeq after_event, std::uint32_t limit) override {
    EXPOSEE_TRY(lane_step());
    EXPOSEE_TRY(read_of(endpoint));
    return inner_->load_asked(endpoint, after_due, after_event, limit);
  }

 private:
  std::size_t before_stuck(std::span<const EventSeq> events) const {
    if (!plan_.stuck_event) return events.size();
    return static_cast<std::size_t>(std::ranges::find_if(events, plan_.stuck_event) - events.begin());
  }
  Error stuck() {
    ++plan_.damaged_reads;
    return {ErrorCode::unreadable, "the disk cannot read a sector", {}};
  }
  template <class Work>
  auto chore(ChoreKind kind, Work&& work) -> decltype(work()) {
    if (plan_.bad_chores == 0) return work();
    --plan_.bad_chores;
    ++plan_.failed_chores[kind];
    if (plan_.chores_take_effect) static_cast<void>(work());
    return Error{plan_.chore_code, "made to fail", ""};
  }

  Result<void> step() {
    ++plan_.steps;
    const bool fails =
        plan_.fail_from && plan_.steps >= plan_.fail_from && plan_.steps < plan_.fail_from + plan_.fail_count;
    if (!fails) return {};
    ++plan_.failed;
    return Error{plan_.code, "made to fail", ""};
  }

  Result<void> lane_step() {
    if (plan_.lane_read) plan_.lane_read();
    return step();
  }

  Written write_well(const Turn& turn) {
    auto other = turn;
    if (plan_.sabotages) plan_.sabotages(other);
    if (plan_.writes) plan_.writes(other);
    auto written = inner_->write(other);
    if (written && plan_.wrote) plan_.wrote(other);
    return written;
  }

  Written write_badly(const Turn& turn, Error error) {
    ++plan_.bad_writes[static_cast<std::size_t>(plan_.fault)];
    switch (plan_.fault) {
      case Fault::in_effect:
        if (auto written = write_well(turn); !written) return written;
        return Written::unknown(std::move(error));
      case Fault::lost:
        return Written::unknown(std::move(error));
      case Fault::refused:
        return Written::refused(Conflict::stale_registry);
      case Fault::fails:
      case Fault::perhaps:
        break;
    }
    return Written::failed(std::move(error), plan_.fault == Fault::perhaps);
  }

  Result<void> read_of(EndpointNumber endpoint) {
    if (plan_.damaged_rows && plan_.damaged_rows(endpoint)) return damaged_read();
    return {};
  }
  static void damage_bodies(OwedPage& page, const std::function<bool(EventSeq)>& damaged) {
    std::erase_if(page.events, [&](const EventRef& event) {
      if (!damaged(event->seq)) return false;
      page.unreadable.push_back(event->seq);
      return true;
    });
  }
  std::function<bool(const EventRef&)> is_unreadable() const {
    return [this](const EventRef& event) { return plan_.unreadable(event->seq); };
  }
  void end_at_unreadable(EventBatch& batch) {
    const auto first = std::ranges::find_if(batch.events, is_unreadable());
    if (first == batch.events.end()) return;
    ++plan_.damaged_reads;
    batch.unreadable = (*first)->seq;
    batch.events.erase(first, batch.events.end());
  }
  Result<void> widen(EventSeq first, EventSeq last, PackNumbers& numbers) {
    ++plan_.damaged_reads;
    auto batch =
        inner_->load_events_after(EventSeq{first.value - 1}, std::numeric_limits<std::uint32_t>::max());
    if (!batch) return std::move(batch).error();
    numbers.events.clear();
    for (const auto& event : batch->events) {
      if (event->seq <= last) numbers.events.push_back(event->seq);
    }
    return {};
  }
  Error damaged_read() {
    ++plan_.damaged_reads;
    return {plan_.damage_code, "made to be damaged", ""};
  }
  static Error damaged() { return {ErrorCode::damaged, "made to be damaged", ""}; }

  std::unique_ptr<Store> inner_;
  FaultPlan& plan_;
};

}  // namespace exposee::fakes

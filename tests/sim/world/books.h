// The books of a simulated world: what the store was told to keep, what became of it and what the engine
// counts, against each other (promises, section 6). Small checks as a turn is written and after it;
// everything at each checkpoint. I5, I9, I10 and the rest of I6 to I8 are in start_checks.h and story.h, I11
// and I12 in wire.h, I16 in story.cc. One thread.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "sim/world/disk.h"
#include "sim/world/ledger.h"
#include "sim/world/stopped_windows.h"

namespace exposee::sim {

class Books {
 public:
  // From now on they are kept.
  Books(World& world, Disk& disk);

  bool has_expired(EventSeq event) const { return expired_.contains(event); }
  void check_second_start();  // I15: of a process that has just started
  void check_end();           // once all is settled

 private:
  // As a turn is written, and once it is.
  void check_turn(const Turn& turn);
  void check_fence(const Turn& turn) const;
  void check_attempt(const AttemptRow& attempt);
  void check_row(const Turn& turn, const DeliveryRow& row) const;
  void note_turn(const Turn& turn);
  void check_event(const DeliveryKey& key) const;
  void check_marks();
  void check_accepted(const engine::Published& published) const;

  // As retention removes something, and after it did.
  void check_retention(Instant events_before);
  void check_expired();

  // After every turn.
  void follow_life();
  void check_step();
  void check_lane(const engine::Lane& lane);
  void check_memory() const;
  void check_counts();
  void check_count(EndpointNumber number) const;
  bool is_read(const engine::Lane& lane) const;
  void check_orphans() const;

  bool was_received(const AttemptRow& attempt);
  const fakes::memory::MemoryState& state() const { return disk_.data->state; }

  World& world_;
  Disk& disk_;
  Ledger ledger_;
  std::set<std::tuple<EndpointNumber, EventId, std::uint32_t>>
      received_;               // attempts that were answered with a 2xx
  std::size_t looked_at_ = 0;  // of what receivers saw
  std::set<EventSeq> expired_;
  std::optional<fakes::memory::MemoryState> before_;  // what retention may remove something of
  StoppedWindows stopped_;
  std::vector<std::size_t> most_out_;  // by endpoint: attempts that were ever handed out at the same time
  std::size_t largest_ = 0;  // body that was ever accepted
  std::uint32_t life_ = 0;
  std::map<std::uint64_t, std::uint64_t> epochs_;  // of the nodes: each start raises its own
  bool at_checkpoint_ = false;
  bool sets_aside_ = false;  // in this life something could not be stored
};

}  // namespace exposee::sim

// Watches an engine for tests: says nothing, and counts and keeps what it was told. One thread.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ports/observer.h"

namespace exposee::fakes {

class QuietObserver : public Observer {
 public:
  void attempt_finished(const AttemptNote&) override {}
  void turn_committed(const TurnNote&) override { ++commits; }
  void store_failed(const Error&) override { ++failures; }
  void store_recovered() override { ++recoveries; }
  void attempt_not_begun(const Endpoint&, std::string_view, Instant) override { ++not_begun; }
  void row_in_trouble(const RowTrouble& trouble) override { troubles.push_back(trouble.table + " " + trouble.row); }
  void chore_failed(ChoreKind chore, const Error&) override { (chores += to_text(chore)) += "! "; }
  void chore_recovered(ChoreKind chore) override { (chores += to_text(chore)) += ' '; }
  void endpoint_disabled(const Endpoint& endpoint) override { disabled.insert(endpoint.number); }
  void breaker_changed(const Endpoint&, bool open) override { breakers += open ? "o" : "c"; }
  void hold_changed(const Endpoint&, std::optional<Instant> until) override { holds += until ? "h" : "g"; }
  void disk_low(bool low, std::uint64_t, std::uint64_t) override { disk += low ? "l" : "h"; }
  void turn_ended(const TurnEnd& end) override {
    turn = end;
    ++turns;
  }
  void endpoints_counted(const Census& counted) override { census = counted; }
  std::string breakers;  // every opening and closing, in order
  std::string holds;     // every begin and end of a hold (h, g), in order
  std::string chores;    // those that failed (!) and those that recovered, in order
  std::string disk;      // every time that it became low or had room again, in order
  std::vector<std::string> troubles;
  int commits = 0, failures = 0, recoveries = 0, not_begun = 0;
  std::set<EndpointNumber> disabled;
  TurnEnd turn;   // the last one
  std::uint64_t turns = 0;
  Census census;  // the last one
};

}  // namespace exposee::fakes

// A turn that the store will never take, because of something in it: an error that comes again with the same
// write (a damaged page, a row that breaks a rule). What is at fault is found by halves and set aside, by
// name, and all else is written. When nothing at all can be written it is the store that fails, and nothing
// is set aside. It writes no more than a turn may (division_budget.h): what is left waits for the next one,
// which divides it further. Lives for one turn; the engine's thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/turn/checkpoints.h"
#include "engine/turn/division_budget.h"
#include "engine/turn/outcomes.h"
#include "engine/turn/published_registry.h"
#include "engine/turn/turn_writer.h"

namespace exposee::engine {

// What a turn is made of.
struct TurnParts {
  TurnWriter& writer;
  Registry& registry;
  Dispatcher& dispatcher;
  PublishedRegistry& published;
  Intake& intake;
  Outcomes& outcomes;
  Checkpoints& checkpoints;
  Observer& observer;
};

class TurnDivision {
 public:
  // Of the turn that has failed. `ending`: the process ends.
  TurnDivision(const TurnParts& parts, const TurnPlan& plan, DivisionBudget& budget, bool ending,
               Instant now);

  // Whether anything can be written: what is there already, once more.
  bool can_write();
  // Writes all but the commands. An error passes, and ends it: what is not written yet waits for the next
  // turn.
  Written write_parts();
  // No outcome and no row that has ended is left for the next turn.
  bool is_whole() const;
  std::size_t recorded() const { return recorded_; }  // attempts

 private:
  Written write(Turn turn);
  Written write_rows(std::span<const DeliveryRow> rows);
  Written write_all_outcomes();
  Written divide_outcomes(std::size_t first, std::size_t last);
  Written divide_outcome(std::size_t place);
  Written write_outcomes(std::size_t first, std::size_t last, bool with_attempts);
  Written write_draft(Turn turn);
  void tell_set_aside(std::size_t place, std::string why);
  Written write_unattempted();
  Written divide_unattempted(std::size_t count);
  Written write_steps();
  Written write_checkpoint();

  TurnParts turn_;
  TurnPlan plan_;
  DivisionBudget& budget_;
  bool ending_;
  Instant now_;
  std::vector<Dispatcher::Forward> steps_;
  std::size_t count_;         // of outcomes
  std::size_t recorded_ = 0;  // those before this one are written or set aside
};

}  // namespace exposee::engine

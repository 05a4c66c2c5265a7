// What attempts came to, from the receiver's response until it is on disk and told: the outcomes with the
// records of their attempts, and rows that end without one. Owned by the engine; its thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/dispatch/dispatcher.h"
#include "engine/intake/intake.h"
#include "engine/outcome.h"
#include "engine/registry.h"
#include "engine/settings.h"
#include "engine/turn/turn_plan.h"
#include "ports/clock.h"
#include "ports/observer.h"
#include "ports/random.h"
#include "ports/sender.h"

namespace exposee::engine {

// Outcomes wait so long for company, and then for a turn without events: no caller waits for them, and each
// page that they add to a commit holds up its events. Not those of an ordered endpoint, whose next event
// waits.
constexpr Duration kOutcomeDelay{10'000};
constexpr Duration kOutcomeLimit{50'000};           // so old they wait for nothing more
constexpr Duration kNoteFailingAfter{300'000'000};  // an endpoint that fails so long is shown as failing

class Outcomes {
 public:
  Outcomes(const EngineSettings& settings, const Registry& registry, Dispatcher& dispatcher,
           const Clock& clock, Random& random, Observer& observer)
      : settings_(settings),
        registry_(registry),
        dispatcher_(dispatcher),
        clock_(clock),
        random_(random),
        observer_(observer) {}

  // Judges what came back; attempts that never began are back in their lanes.
  void conclude(std::vector<std::vector<SendResult>>& results, Instant now);

  bool empty() const { return concluded_.empty(); }
  std::size_t size() const { return concluded_.size(); }
  const Concluded& at(std::size_t place) const { return concluded_[place]; }
  std::span<const AttemptRow> attempts() const { return attempts_; }  // of the outcomes, one each
  // Rows that end, or are put off, without an attempt, to be written with the next turn.
  std::vector<DeliveryRow>& unattempted() { return unattempted_; }
  const std::vector<DeliveryRow>& unattempted() const { return unattempted_; }

  // Whether this turn writes them. `stopping`: no later turn should have to.
  bool due(const TurnPlan& plan, bool stopping, Instant now) const;
  // An endpoint's next event waits for one of them, or for a row that ends.
  bool order_waits() const;
  std::optional<Instant> next_due() const;
  // Some of a turn that was divided wait for the next one.
  bool are_divided() const { return divided_; }

  // Decides some of them: their rows, and what they mean for their endpoints, join the intake's draft.
  void decide(std::size_t first, std::size_t last, Intake& intake, Instant now) const;

  // So many of the first of them are written; the first one never can be.
  void settle_unattempted(std::size_t count);
  void set_aside_unattempted() { unattempted_.erase(unattempted_.begin()); }
  // A turn is written, with these rows; `all`: and with all outcomes. What is settled stays until it is
  // told.
  void settle(bool all);
  // Some outcomes alone are settled; the others stay, for the next turn.
  void settle_first(std::size_t count);
  // Nothing of it can be written: this process makes no further attempt at the delivery, and the next one
  // finds it as it was before this attempt.
  void set_aside(std::size_t place);
  // Reports what is settled to the observers. Last in a turn, so that a line for each holds nothing up.
  void tell();

 private:
  void conclude(SendResult&& result, Instant wall, Instant now);
  void take_back(const SendResult& result, Instant now);
  bool still_owes(const Flight& flight) const;
  void all_settled();
  void review_endpoint(std::size_t place, Intake& intake, Instant now) const;
  void review_failing(EndpointNumber number, Intake& intake, Instant now) const;

  const EngineSettings& settings_;
  const Registry& registry_;
  Dispatcher& dispatcher_;
  const Clock& clock_;
  Random& random_;
  Observer& observer_;
  std::vector<Concluded> concluded_;
  std::vector<AttemptRow> attempts_;
  std::vector<DeliveryRow> unattempted_;
  std::optional<Instant> since_;  // the first of them waits
  bool order_waits_ = false;
  bool divided_ = false;
  bool settled_ = false;  // they are on disk, and the observer does not know yet
};

// Tells those who watch when the endpoint's breaker, which was `was`, has opened or closed.
void tell_breaker(const Dispatcher& dispatcher, const Endpoint& endpoint, BreakerState was,
                  Observer& observer);

// Tells them of a hold that has begun or is over, once each; not of an endpoint that is sent nothing more
// anyway.
void tell_hold(Dispatcher& dispatcher, const Endpoint& endpoint, Observer& observer, Instant now);

}  // namespace exposee::engine

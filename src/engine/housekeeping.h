// What is done beside the turns, in steps of its own: rows of endpoints that were disabled or removed end,
// backlogs lose what was unsubscribed, what is older than its retention goes, and so does a removed endpoint
// once nothing of it is kept, and a subscription that has ended. No step is part of a turn, so what fails here
// fails alone: it is told once and tried again, each time after a longer wait, and nothing else notices. All
// of it ends when another node has taken over. Owned by the engine; its thread.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/chores.h"
#include "engine/dispatch/sifting.h"
#include "engine/ended_subscriptions.h"
#include "engine/expiry_time.h"
#include "engine/settings.h"
#include "engine/step_size.h"
#include "ports/clock.h"
#include "ports/observer.h"
#include "ports/store.h"

namespace exposee::engine {

constexpr Duration kReplyRetention{86'400'000'000};  // stored replies to Idempotency-Keys, D12
constexpr Duration kExpireSoon{10'000};              // between steps while there is something to remove
constexpr Duration kExpireLater{60'000'000};         // between looks when there is not
constexpr Duration kSiftLater{1'000'000};            // until what holds a step up has passed

// What is left to end of one endpoint's.
struct CancelPass {
  EndpointNumber endpoint;
};

// One that was removed and not forgotten yet.
struct ForgetPass {
  EndpointNumber endpoint;
};

class Housekeeping {
 public:
  Housekeeping(const EngineSettings& settings, Store& store, const Clock& clock, Observer& observer)
      : settings_(settings), store_(store), clock_(clock), observer_(observer), expiry_time_(clock) {}

  // `as`: in whose name the steps are done.
  void begin(NodeEpoch as, Instant now, Instant first_look);
  // Another node has taken over, or a step was refused because it has.
  void stop() { is_stopped_ = true; }
  bool is_stopped() const { return is_stopped_; }
  // The endpoint is not active any more: its pending rows end, step by step.
  void cancel(EndpointNumber number);
  // It is active again: what is pending from now on is owed.
  void keep(EndpointNumber number);
  // Some of them may be left and end soon: so long it is not enabled, or rows of then would count as of now.
  // Not while the steps fail.
  bool is_cancelling(EndpointNumber number) const;
  // Likewise, but they cannot end as long as the store fails: who asks may ask again, and the next step comes
  // at once. Not of one whose own rows cannot be read: that would keep it disabled for ever.
  bool must_cancel_first(EndpointNumber number, Instant now);
  // It has unsubscribed: what waits for it is looked through, step by step, for what is not owed any more.
  void sift(EndpointNumber number);
  // A step of that which is due; `some` does it, as Dispatcher::sift().
  template <class Some>
  void sift_some(Instant now, Some&& some) {
    sifts_.step(now, observer_, [&](SiftPass& pass) -> Result<ChoreStep> {
      const auto end = some(as_, pass);
      if (!end) return heard(end.error());
      const bool waits = *end == SiftEnd::waits && !sifts_.has_line();
      return ChoreStep{.is_over = *end == SiftEnd::done, .pause = waits ? kSiftLater : kExpireSoon};
    });
  }
  // It was removed: it goes itself once nothing of it is kept.
  void forget(EndpointNumber number) { forgets_.add({number}); }
  void subscription_ended(Instant now) { ended_.note_ended(now); }
  // The steps that are due, one of each kind. `may_expire`: not while the process ends. Gives the endpoints
  // that the store has forgotten; of those that may go at all, `may_forget` says which the engine does
  // without.
  template <class MayForget>
  std::vector<EndpointNumber> step(Instant now, bool may_expire, MayForget&& may_forget) {
    if (!is_stopped_) cancel_some(now);
    if (is_stopped_) return {};
    if (may_expire) expire_some(now);
    if (may_expire) is_stopped_ |= !ended_.step(as_, now, store_, settings_.limits.ended_step, observer_);
    return may_expire && !is_stopped_ ? forget_some(now, may_forget) : std::vector<EndpointNumber>{};
  }
  Instant due(bool may_expire) const;  // of the next
  // The last step has forgotten some, and another one comes soon.
  bool is_forgetting() const { return is_forgetting_ && !forgets_.empty(); }

 private:
  // What goes for its age, of each kind in steps of its own.
  struct Expiry {
    Expiry(ChoreKind kind, const EngineLimits& limits) : chore(kind), step(limits) {}
    Chore chore;
    StepSize step;
  };
  // The error of a step.
  const Error& heard(const Error& error) {
    is_stopped_ |= error.code == ErrorCode::stale;
    return error;
  }
  void cancel_some(Instant now);
  void expire_some(Instant now);
  // A step of one kind, when it is due.
  void expire_one(Expiry& expiry, Instant events_before, Instant replies_before, Instant now);
  // Each gets its turn: those that are looked at now come last the next time.
  template <class MayForget>
  std::vector<EndpointNumber> forget_some(Instant now, MayForget&& may_forget) {
    std::vector<EndpointNumber> gone;
    const bool is_due = forgets_.due() <= now;
    const auto count = std::min(forgets_.size(), settings_.limits.forget_step);
    for (std::size_t n = 1; n <= count && forgets_.due() <= now && !is_stopped_; ++n) {
      forgets_.step(now, observer_, [&](const ForgetPass& pass) -> Result<ChoreStep> {
        const bool may_go = may_forget(pass.endpoint) && !is_cancelling(pass.endpoint);
        const auto forgotten = may_go ? store_.forget(as_, {&pass.endpoint, 1})
                                      : Result<std::vector<EndpointNumber>>(std::vector<EndpointNumber>{});
        if (!forgotten) return heard(forgotten.error());
        gone.insert(gone.end(), forgotten->begin(), forgotten->end());
        const auto pause = gone.empty() ? kExpireLater : kExpireSoon;
        return ChoreStep{.is_over = !forgotten->empty(), .pause = n == count ? pause : Duration::zero()};
      });
    }
    if (is_due) is_forgetting_ = !gone.empty();
    return gone;
  }

  const EngineSettings& settings_;
  Store& store_;
  const Clock& clock_;
  Observer& observer_;
  ExpiryTime expiry_time_;
  NodeEpoch as_;
  bool is_stopped_ = false;
  EndpointChores<CancelPass> cancels_{ChoreKind::cancel};  // each endpoint once
  EndpointChores<SiftPass> sifts_{ChoreKind::sift};        // likewise
  EndpointChores<ForgetPass> forgets_{ChoreKind::forget};  // likewise
  Expiry events_{ChoreKind::retention, settings_.limits};
  Expiry replies_{ChoreKind::replies, settings_.limits};
  bool is_forgetting_ = false;
  EndedSubscriptionChore ended_;
};

}  // namespace exposee::engine

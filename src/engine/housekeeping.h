// What is done beside the turns, in steps of its own: rows of endpoints that were disabled or removed end,
// backlogs lose what was unsubscribed, what is older than its retention goes, and so does a removed endpoint
// once nothing of it is kept. No step is part of a turn, so what fails here fails alone: it is told once and
// tried again, each time after a longer wait, and nothing else notices. Owned by the engine; its thread.
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/dispatch/sifting.h"
#include "engine/settings.h"
#include "ports/observer.h"
#include "ports/store.h"

namespace exposee::engine {

constexpr Duration kReplyRetention{86'400'000'000};  // stored answers to Idempotency-Keys, D12
constexpr std::uint64_t kCancelStep = 1000;          // rows ended at once: bounds how long a turn waits
constexpr std::uint64_t kExpireStep = 1000;          // rows of each kind removed at once: likewise
constexpr Duration kExpireSoon{10'000};              // between steps while there is something to remove
constexpr Duration kExpireLater{60'000'000};         // between looks when there is not
constexpr Duration kSiftLater{1'000'000};            // until what holds a step up has passed
constexpr std::size_t kForgetStep = 32;              // removed endpoints looked at once: some milliseconds
constexpr Duration kFirstBackOff{1'000'000};         // after a step that failed, doubled each time
constexpr Duration kLongestBackOff{600'000'000};

// When a kind of step is due, and how its failures are borne.
class Chore {
 public:
  explicit constexpr Chore(std::string_view name) : name_(name) {}
  Instant due() const { return due_; }
  bool is_due(Instant now) const { return due_ <= now; }
  void succeeded(Instant next, Observer& observer);
  void failed(const Error& error, Instant now, Observer& observer);
  bool is_failing() const { return wait_ > Duration::zero(); }
  void begin(Instant first) { due_ = first; }

 private:
  std::string_view name_;  // as the log calls it
  Instant due_;
  Duration wait_{};  // after the last failure; zero: the last step succeeded
};

class Housekeeping {
 public:
  Housekeeping(const EngineSettings& settings, Store& store, Observer& observer)
      : settings_(settings), store_(store), observer_(observer) {}

  void begin(Instant now, Instant first_look);
  // The endpoint is not active any more: its pending rows end, step by step.
  void cancel(EndpointNumber number);
  // It is active again: what is pending from now on is owed.
  void keep(EndpointNumber number);
  // Some of them may be left and end soon: so long it is not enabled, or rows of then would count as of now.
  // Not while the steps fail: nobody waits for those.
  bool is_cancelling(EndpointNumber number) const;
  // It has unsubscribed: what waits for it is looked through, step by step, for what is not owed any more.
  void sift(EndpointNumber number);
  // A step of that which is due; `some` does it, as Dispatcher::sift().
  template <class Some>
  void sift_some(Instant now, Some&& some) {
    if (sifting_.empty() || !sifts_.is_due(now)) return;
    auto pass = sifting_.front();
    sifting_.pop_front();
    const auto end = some(pass);
    if (!end || *end != SiftEnd::done) sifting_.push_back(pass);
    const bool is_only_one = sifting_.size() == 1;
    const auto next = is_only_one && end && *end == SiftEnd::waits ? kSiftLater : kExpireSoon;
    end ? sifts_.succeeded(now + next, observer_) : sifts_.failed(end.error(), now, observer_);
  }
  // It was removed: it goes itself once nothing of it is kept.
  void forget(EndpointNumber number) { removed_.push_back(number); }
  // The steps that are due, one of each kind. `may_expire`: not while the process ends. Gives the endpoints
  // that the store has forgotten; of those that may go at all, `may_forget` says which the engine does
  // without.
  template <class MayForget>
  std::vector<EndpointNumber> step(Instant now, bool may_expire, MayForget&& may_forget) {
    if (!cancelling_.empty() && cancels_.is_due(now)) cancel_some(now);
    if (may_expire && expires_.is_due(now)) expire_some(now);
    if (!may_expire || removed_.empty() || !forgets_.is_due(now)) return {};
    return forget_some(next_removed(may_forget), now);
  }
  Instant due(bool may_expire) const;  // of the next
  // The last step has forgotten some, and another one comes soon.
  bool is_forgetting() const { return is_forgetting_ && !removed_.empty(); }

 private:
  void cancel_some(Instant now);
  void expire_some(Instant now);
  // Each gets its turn: those that are looked at now come last the next time.
  template <class MayForget>
  std::vector<EndpointNumber> next_removed(MayForget&& may_forget) {
    std::vector<EndpointNumber> next;
    for (auto n = std::min(removed_.size(), kForgetStep); n > 0; --n) {
      const auto number = removed_.front();
      removed_.pop_front();
      removed_.push_back(number);
      if (may_forget(number) && !is_cancelling(number)) next.push_back(number);
    }
    return next;
  }
  std::vector<EndpointNumber> forget_some(const std::vector<EndpointNumber>& endpoints, Instant now);

  const EngineSettings& settings_;
  Store& store_;
  Observer& observer_;
  std::deque<EndpointNumber> cancelling_;  // each once
  Chore cancels_{"cancelling deliveries"};
  std::deque<SiftPass> sifting_;  // of an endpoint each
  Chore sifts_{"sifting backlogs"};
  std::deque<EndpointNumber> removed_;  // and not forgotten yet
  Chore expires_{"retention"};
  Chore forgets_{"forgetting removed endpoints"};
  bool is_forgetting_ = false;
};

}  // namespace exposee::engine

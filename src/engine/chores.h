// When a kind of work beside the turns is due, and how its failures are borne: told once, and tried again
// after longer and longer waits, until it works. Owned by Housekeeping; engine's thread only.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "core/ids.h"
#include "core/result.h"
#include "core/time.h"
#include "ports/observer.h"

namespace exposee::engine {

constexpr Duration kFirstBackOff{1'000'000};  // after a step that failed, doubled each time
constexpr Duration kLongestBackOff{600'000'000};

inline Duration longer(Duration wait) {
  return std::clamp(2 * wait, kFirstBackOff, kLongestBackOff);
}

class Chore {
 public:
  explicit constexpr Chore(ChoreKind kind) : kind_(kind) {}
  Instant due() const { return due_; }
  bool is_due(Instant now) const { return due_ <= now; }
  void succeeded(Instant next, Observer& observer);
  void failed(const Error& error, Instant now, Observer& observer);
  void begin(Instant first) { due_ = first; }

 private:
  ChoreKind kind_;
  Instant due_;
  Duration wait_{};  // after the last failure; zero: the last step succeeded
};

// What a step of one endpoint's came to.
struct ChoreStep {
  bool is_over = false;  // nothing is left of it
  Duration pause{};      // before the next step of any
};

// A chore of many endpoints, a step of one after the other. What fails for one of them is put off alone; an
// error that passes, such as a full disk, applies to all. `Part`: what is known of one, with its `endpoint`.
template <class Part>
class EndpointChores {
 public:
  explicit EndpointChores(ChoreKind kind) : kind_(kind) {}

  void begin(Instant first) { due_ = first; }
  bool empty() const { return line_.empty() && put_off_.empty(); }
  std::size_t size() const { return line_.size() + put_off_.size(); }
  bool has_line() const { return !line_.empty(); }  // of such as did not fail
  bool is_failing() const { return wait_ > Duration::zero() || !put_off_.empty(); }
  Instant due() const {
    const auto line = line_.empty() ? Instant::max() : due_;
    if (put_off_.empty()) return line;
    const auto again = put_off_.begin()->first;
    return wait_ > Duration::zero() ? std::max(due_, std::min(line, again)) : std::min(line, again);
  }
  // It waits for its step, and has not failed.
  bool waits(EndpointNumber number) const {
    return wait_ == Duration::zero() && std::ranges::find(line_, number, &Part::endpoint) != line_.end();
  }
  // All are put off, and this one has not failed by itself: what is wrong may pass any moment.
  bool is_put_off_with_all(EndpointNumber number) const {
    return wait_ > Duration::zero() && std::ranges::find(line_, number, &Part::endpoint) != line_.end();
  }
  // Somebody waits for those: they are tried now.
  void hurry(Instant now) {
    if (wait_ > Duration::zero()) due_ = std::min(due_, now);
  }
  bool has(EndpointNumber number) const {
    return std::ranges::find(line_, number, &Part::endpoint) != line_.end() ||
           std::ranges::any_of(put_off_,
                               [&](const auto& entry) { return entry.second.part.endpoint == number; });
  }
  void add(Part part) { line_.push_back(std::move(part)); }
  // It is given up: that it failed says nothing any more.
  void remove(EndpointNumber number) {
    std::erase_if(line_, [&](const Part& part) { return part.endpoint == number; });
    std::erase_if(put_off_, [&](const auto& entry) { return entry.second.part.endpoint == number; });
    if (empty()) wait_ = {};
  }
  // A step of the next one that is due; `step` does it: Result<ChoreStep>(Part&). A failure is reported once, and recovery
  // once none fails any more.
  template <class Step>
  void step(Instant now, Observer& observer, Step&& step) {
    if (due() > now) return;
    auto next = take(now);
    const auto done = step(next.part);
    done ? succeeded(std::move(next), *done, now) : bear(std::move(next), done.error(), now);
    if (told_ == is_failing()) return;
    told_ = is_failing();
    told_ ? observer.chore_failed(kind_, done.error()) : observer.chore_recovered(kind_);
  }

 private:
  struct Failed {
    Part part;
    Duration wait{};  // zero: it did not fail
  };
  Failed take(Instant now) {
    if (!put_off_.empty() && put_off_.begin()->first <= now)
      return std::move(put_off_.extract(put_off_.begin()).mapped());
    Failed next{std::move(line_.front())};
    line_.pop_front();
    return next;
  }
  void succeeded(Failed&& done, const ChoreStep& step, Instant now) {
    wait_ = {};
    due_ = now + step.pause;
    if (!step.is_over) line_.push_back(std::move(done.part));
  }
  void bear(Failed&& failed, const Error& error, Instant now) {
    if (error.code == ErrorCode::full || error.code == ErrorCode::unavailable) {
      wait_ = longer(wait_);
      due_ = now + wait_;
      if (failed.wait == Duration::zero()) return line_.push_back(std::move(failed.part));
    } else {
      failed.wait = longer(failed.wait);
    }
    const auto again = now + failed.wait;
    put_off_.emplace(again, std::move(failed));
  }

  ChoreKind kind_;
  bool told_ = false;  // that it fails
  Instant due_;
  Duration wait_{};  // after the last failure of all; zero: the last step was not one
  std::deque<Part> line_;
  std::multimap<Instant, Failed> put_off_;  // those that failed, by when they are tried again
};

}  // namespace exposee::engine

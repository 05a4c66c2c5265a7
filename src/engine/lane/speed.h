// How fast the receiver of one lane answers, as far as is known now: how long its responses usually take,
// when the last prompt one came, and how many attempts are under way for longer than any at a fast receiver.
// The one estimate that everything which asks for it shares. Pure; owned by a lane.
#pragma once

#include <cstdint>
#include <optional>

#include "core/time.h"

namespace exposee::engine {

constexpr Duration kFastReceiver{
    10'000};  // a response is prompt below it, and so is a receiver that usually is
// Usual response time from which on it is the receiver that takes it, not this machine: what as many attempts
// as may be counted together (engine/lane/fast_flights.h) take on one that carries a fifth of what others do.
constexpr Duration kLateReceiver{30'000};
// Who gave no prompt response for so long, though it gave others, is not fast: so that a busy moment of this
// machine does not pass for a slow receiver.
constexpr Duration kPromptLately{1'000'000};
constexpr int kUsualWeight = 8;  // the usual response time moves by an eighth with every response
// A receiver from which nothing was heard for so long, though something is under way, is not judged by what it
// did before: five times what the shortest response of a fast one takes, so that a busy moment of this machine is
// not the receiver's silence.
constexpr Duration kHeardLately{50'000};

class Speed {
 public:
  void note_response(Duration took, Instant now);
  // An attempt that was handed out is not answered though it would be soon at a fast receiver; it has ended.
  void note_overdue() { ++overdue_; }
  void note_overdue_ended() { --overdue_; }

  // The smoothed response time; zero: none yet.
  Duration usual() const { return usual_; }
  // In doubt yes: it is prompt at least at times, and nothing is overdue. Before it has answered it counts as
  // fast: were it not so, the first burst at many receivers would make all of them look slow.
  bool may_be_fast() const { return overdue_ == 0 && (!heard_at_ || was_prompt_lately()); }
  // In doubt no: it usually is, too. One whose time varies may outrun nobody.
  bool is_fast() const { return may_be_fast() && usual_ < kLateReceiver; }
  // By what was heard of it just now.
  bool is_proved_fast(Instant now) const {
    return is_fast() && heard_at_ && now - *heard_at_ <= kHeardLately;
  }
  // When is_proved_fast() ends unless something is heard.
  std::optional<Instant> heard_at() const { return heard_at_; }

 private:
  bool was_prompt_lately() const { return prompt_at_ && *heard_at_ - *prompt_at_ <= kPromptLately; }

  Duration usual_{};
  std::optional<Instant> heard_at_;   // the last response
  std::optional<Instant> prompt_at_;  // the last prompt one
  std::uint32_t overdue_ = 0;         // attempts under way
};

}  // namespace exposee::engine

// How fast the receiver of one lane answers: the one estimate that everything which asks for it shares. Pure;
// owned by a lane.
#pragma once

#include <cstdint>
#include <optional>

#include "core/time.h"

namespace exposee::engine {

constexpr Duration kFastReceiver{10'000};  // shortest response time below which a receiver counts as fast
// So many responses and so long at least is each of the two windows over which the shortest response time is
// taken: enough that a busy moment of this machine does not pass for a slow receiver, and so short that a
// receiver which turns slow is known as slow before its backlog is anybody's matter.
constexpr std::uint32_t kSpeedWindow = 64;
constexpr Duration kSpeedTime{1'000'000};
constexpr int kUsualWeight = 8;  // the usual response time moves by an eighth with every response
// A receiver from which nothing was heard for so long, though something is under way, is not judged by what it
// did before: five times what the shortest response of a fast one takes, so that a busy moment of this machine is
// not the receiver's silence.
constexpr Duration kHeardLately{50'000};

class Speed {
 public:
  void note_response(Duration took, Instant now);
  // An attempt that was handed out is not answered though it would be soon at a fast receiver.
  void note_overdue() { overdue_ = true; }

  // The shortest response time of late, and the smoothed one; zero: none yet.
  Duration shortest() const { return shortest_; }
  Duration usual() const { return usual_; }
  // Before it has answered it counts as fast: were it not so, the first burst at many receivers would make all
  // of them look slow.
  bool is_fast() const { return shortest_ < kFastReceiver && !overdue_; }
  // Fast by what was heard of it just now.
  bool is_proved_fast(Instant now) const {
    return is_fast() && heard_at_ && now - *heard_at_ <= kHeardLately;
  }
  // When is_proved_fast() ends unless something is heard.
  std::optional<Instant> heard_at() const { return heard_at_; }

 private:
  Duration shortest_{};                       // of both windows
  Duration usual_{};
  Duration current_ = Duration::max();        // shortest of the window that is being measured
  std::uint32_t measured_ = 0;                // responses in it
  Instant since_;                             // its begin
  bool overdue_ = false;                      // and nothing prompt was heard since
  std::optional<Instant> heard_at_;           // the last response
};

}  // namespace exposee::engine

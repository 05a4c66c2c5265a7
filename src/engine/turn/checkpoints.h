// When a start is spared work: now and then a turn takes along which events are not owed any more and what lanes
// lag behind (Dispatcher::Checkpoint). Without one a start reads more, and nothing else is lost. Owned by the
// engine; its thread.
#pragma once

#include <optional>

#include "engine/dispatch/dispatcher.h"
#include "engine/housekeeping.h"
#include "engine/turn/checkpoint_division.h"
#include "engine/turn/turn_writer.h"

namespace exposee::engine {

constexpr Duration kCheckpointInterval{1'000'000};  // bounds what a start after a crash reads again
// While more packs wait than one takes, the next one comes sooner, so that they take a twentieth of the time.
constexpr Duration kCheckpointSoon{50'000};
constexpr int kCheckpointShare = 20;

class Checkpoints {
 public:
  Checkpoints(Dispatcher& dispatcher, const Clock& clock, Observer& observer)
      : dispatcher_(dispatcher), clock_(clock), observer_(observer) {}

  void begin(Instant now);
  // `last_words`: nothing more will be written.
  bool due(Instant now, bool last_words) const { return dirty_ && (at_ <= now || last_words); }
  // Something was written since the last one.
  bool is_dirty() const { return dirty_; }
  void note_written() { dirty_ = true; }
  Instant next() const { return at_; }

  // Puts one into the turn. It speaks of what was on disk before: up to `last`.
  void put_into(Turn& turn, EventSeq last, Instant now);
  // That turn is not written.
  void drop() { taken_.reset(); }
  // A turn is written, with one or without. `wrote`: something that the next one is to speak of. `ending`: no other
  // turn comes because of what is left to write.
  void settle(Instant now, bool wrote, bool ending);
  // As a turn of its own, which can fail alone. When it would fail again, in parts: lanes whose packs cannot be
  // written are left out, and all marks but theirs move. An error is one that passes.
  Written write_alone(TurnWriter& writer, EventSeq last, Instant now, bool ending);

 private:
  Written write_taken(TurnWriter& writer, EventSeq last, Instant now);
  Duration until_next() const;

  Dispatcher& dispatcher_;
  const Clock& clock_;
  Observer& observer_;
  std::optional<Dispatcher::Checkpoint> taken_;  // into the turn that is being written
  Duration began_{};                             // when that was put together
  Instant at_;
  Chore chore_{ChoreKind::checkpoint};
  bool dirty_ = false;
};

}  // namespace exposee::engine

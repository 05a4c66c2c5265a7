// Where what lanes ask for is read: by a reader, whose results come in with a later turn (ports/backlog.h);
// without one here and now, as tests do that step an engine by hand. Owned by the Dispatcher; engine's thread
// only.
#pragma once

#include <utility>

#include "engine/dispatch/read_troubles.h"
#include "ports/backlog.h"

namespace exposee::engine {

class LaneReads {
 public:
  LaneReads(OwedReads& store, ReadTroubles& troubles) : store_(store), troubles_(troubles) {}

  void through(BacklogReader& reader, BacklogSink& sink) {
    reader_ = &reader;
    sink_ = &sink;
  }
  // The results, if they are here already.
  BacklogResults read(BacklogReads&& reads) {
    if (!reader_) return carry_out(store_, std::move(reads));
    reader_->read(std::move(reads), *sink_);
    return {};
  }
  // A result is an error: the lane waits. What the reader could not read says nothing about the store; what
  // could not be read here may be the store's error, and then is the result.
  Result<void> failed(Lane& lane, LaneRead what, const Error& error) {
    if (!reader_) return troubles_.bear(lane, what, error);
    troubles_.put_off(lane, what, error);
    return {};
  }

 private:
  OwedReads& store_;
  ReadTroubles& troubles_;
  BacklogReader* reader_ = nullptr;
  BacklogSink* sink_ = nullptr;
};

}  // namespace exposee::engine

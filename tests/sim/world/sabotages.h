// Promises broken on purpose, each invariant at least once: by a store that does something else than it is
// told, by a sender and a reader that do or tell something else than there was, by an engine with other
// settings than it was given. Values; one thread.
#pragma once

#include <functional>
#include <span>

#include "sim/world/tell_story.h"

namespace exposee::sim {

struct Sabotage {
  const char* invariant;  // that it breaks (docs/invariants.md), or promise
  const char* what;
  const char* where;  // the variant in which it is to be noticed
  std::function<void(Disk&, World&)> begin;
};

std::span<const Sabotage> sabotages();

}  // namespace exposee::sim

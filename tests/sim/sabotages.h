// Promises broken on purpose: by a store that does something else than it is told, by a sender and a reader
// that tell something else than there was. Values; one thread.
#pragma once

#include <functional>
#include <span>

#include "sim/tell_story.h"

namespace exposee::sim {

struct Sabotage {
  const char* what;
  const char* where;  // the variant in which it is to be noticed
  std::function<void(Disk&, World&)> begin;
};

std::span<const Sabotage> sabotages();

}  // namespace exposee::sim

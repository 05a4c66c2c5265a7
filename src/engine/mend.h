// What the store gave back at a start is made sound: rows that contradict each other, or that cannot be
// read, are set aside one by one, so that the engine may rely on the rest. Pure; any thread.
#pragma once

#include <vector>

#include "ports/random.h"
#include "ports/row_trouble.h"
#include "ports/store.h"

namespace exposee::engine {

// Numbers of types are given without gaps; so many missing ones in a row are taken for lost rows, more for a row whose
// own number is damaged. An endpoint's is, when it is so far beyond the registry's version, which each raises by one.
constexpr std::uint64_t kMostMissing = 1'000;

struct Mended {
  std::vector<RowTrouble> troubles;
  std::vector<EventType> types;          // these rows are to be written anew
  std::vector<Endpoint> endpoints;       // the same; their subscriptions are closed, or opened anew, by their patterns
  std::vector<Subscription> subscriptions;  // left out, and to be closed on disk
  std::vector<EndpointNumber> orphaned;  // have pending rows, and no endpoint
  std::vector<PackKey> packs;            // cannot be relied on, and are to go
  ShardSet marks;  // whose checkpoint and marks are to be written anew, in the turn that removes the packs
};

// Afterwards: types have the numbers 1, 2, 3 ..., in order, and the numbers of endpoints ascend; names of types are
// good and stand once; every endpoint that is active can be sent to; subscriptions, marks, packs and pending counts name what
// exists, and no event after the last one. An endpoint that cannot be read is disabled, with the reason, and
// can be removed. `now`: when that happened. `random`: for ids that are lost.
Mended mend(StartState& state, Random& random, Instant now);

}  // namespace exposee::engine

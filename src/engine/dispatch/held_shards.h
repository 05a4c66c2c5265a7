// Which shards this node holds: it has their lanes, and no other node sends to their endpoints. A value;
// engine's thread.
#pragma once

#include "core/shard.h"

namespace exposee::engine {

struct HeldShards {
  ShardSet held;
  ShardSet leaving;  // of them: they start nothing any more, and go once what is under way is recorded

  bool has(EndpointNumber endpoint) const { return held.has(endpoint); }
  bool serves(EndpointNumber endpoint) const { return held.without(leaving).has(endpoint); }
};

}  // namespace exposee::engine

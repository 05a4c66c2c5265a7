// By which patterns an endpoint is subscribed, and since when. It is subscribed by the widest of the patterns that it
// asks for. A narrower subscription stays open beside them as long as more is owed by it, which is older, and types
// exist for which that matters: so an endpoint never has more of these than there are types. Pure but for the table's
// numbers; engine's thread.
#pragma once

#include <span>
#include <vector>

#include "core/registry.h"
#include "engine/pattern_table.h"

namespace exposee::engine {

// A subscription that is open, of one endpoint.
struct OpenSubscription {
  PatternNumber pattern;
  RegistryVersion from;
  bool operator==(const OpenSubscription&) const = default;
};
using OpenSubscriptions = std::vector<OpenSubscription>;  // in order of pattern

// Null: none of the pattern.
const OpenSubscription* find_open(std::span<const OpenSubscription> open, PatternNumber pattern);

// Whether an event of a type that `matching` match is still owed when it was accepted under `version`.
bool owes(std::span<const OpenSubscription> open, std::span<const PatternNumber> matching, RegistryVersion version);

// What is open from version `now` on, when `wanted` are asked for and `before` was open. What was owed of them stays
// owed: a subscription begins no later than one that was open and covers it.
OpenSubscriptions reopened(PatternTable& patterns, std::span<const PatternEntry> wanted,
                           std::span<const OpenSubscription> before, RegistryVersion now);

// The patterns that no other open one covers; in order.
std::vector<PatternNumber> widest(const PatternTable& patterns, std::span<const OpenSubscription> open);

// Something that was owed before may be owed no more: a subscription ended, whether or not it was opened again.
bool owes_less(const PatternTable& patterns, std::span<const OpenSubscription> now,
               std::span<const OpenSubscription> before);

}  // namespace exposee::engine

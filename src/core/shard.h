// Endpoints are divided into shards, so that nodes can divide them among themselves: the holder of a shard
// has the lanes of its endpoints, and no other node sends to them. A node that is alone holds all of them.
// Values; any thread.
#pragma once

#include <cstdint>

#include "core/ids.h"

namespace exposee {

// As many as a few dozen nodes can share evenly; a set of them is one word.
constexpr unsigned kShards = 64;

// Numbers are given one after the other, so their remainders are spread evenly; and every store can compute
// it.
constexpr unsigned shard_of(EndpointNumber endpoint) {
  return static_cast<unsigned>(endpoint.value % kShards);
}

class ShardSet {
 public:
  constexpr ShardSet() = default;  // none
  static constexpr ShardSet all() { return ShardSet(~std::uint64_t{0}); }
  static constexpr ShardSet of_shard(unsigned shard) { return ShardSet(std::uint64_t{1} << shard); }
  static constexpr ShardSet of(EndpointNumber endpoint) { return of_shard(shard_of(endpoint)); }
  explicit constexpr ShardSet(std::uint64_t bits) : bits_(bits) {}  // shard n is bit n

  constexpr bool has(EndpointNumber endpoint) const { return has_shard(shard_of(endpoint)); }
  constexpr bool has_shard(unsigned shard) const { return (bits_ >> shard & 1) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint64_t bits() const { return bits_; }

  constexpr ShardSet operator|(ShardSet other) const { return ShardSet(bits_ | other.bits_); }
  constexpr ShardSet operator&(ShardSet other) const { return ShardSet(bits_ & other.bits_); }
  constexpr ShardSet without(ShardSet other) const { return ShardSet(bits_ & ~other.bits_); }
  friend constexpr bool operator==(ShardSet, ShardSet) = default;

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace exposee

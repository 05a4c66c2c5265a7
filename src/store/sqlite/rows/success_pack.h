// First attempts that succeeded, many in one blob: nearly every delivery is one, and a row of its own for
// each was the dearest thing a turn wrote (docs/decisions/0011). Values only; any thread.
//
// A pack belongs to one place: 64 neighbouring events times 64 neighbouring endpoints. Its entries follow one
// another in the order in which they were added:
//   byte event within the place, byte endpoint within the place, byte of flags
//   varint profile: only if the flag says that an earlier one is meant, counted from the pack's first
//   varint (zigzag) started_at less that of the entry before, the first one's less 1970; microseconds
//   varint total, first byte; and dns, connect, tls if the flag says so; microseconds
//   the profile, if it is new: varint status, then reason, content type, Retry-After, webhook-delivery,
//   remote address and body, each a varint of its size and its bytes
// Varints are little-endian groups of 7 bits.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ports/store.h"

namespace exposee::store {

constexpr int kPlaceBits = 6;  // 64 events x 64 endpoints: a look-up decodes a few thousand entries at most
constexpr std::size_t kSuccessPackBytes =
    3'500;  // a pack is closed past it: its row then fits one page of 4 KiB

// What an entry is filed under.
struct PackPlace {
  std::uint64_t events = 0;
  std::uint64_t endpoints = 0;
  constexpr auto operator<=>(const PackPlace&) const = default;

  static constexpr PackPlace of(const DeliveryKey& key) {
    return {key.event.value >> kPlaceBits, key.endpoint.value >> kPlaceBits};
  }
  constexpr EventSeq first_event() const { return EventSeq{events << kPlaceBits}; }
  constexpr EventSeq last_event() const { return EventSeq{first_event().value + (1u << kPlaceBits) - 1}; }
};

// Whether the attempt can be packed: the first one of its delivery, succeeded, and nothing odd about it.
bool is_plain_success(const AttemptRow& attempt);

// Writes one pack after the other.
class PackWriter {
 public:
  // `attempt`: is_plain_success(), of the same place as the others since take().
  void add(const AttemptRow& attempt);
  bool full() const { return pack_.size() >= kSuccessPackBytes; }
  bool empty() const { return pack_.empty(); }
  std::string take();  // the pack; the next one begins

 private:
  // What many answers have in common. The views are of the pack itself: see bytes().
  struct Profile {
    std::size_t at, size;
  };
  std::size_t find_profile(std::string_view bytes) const;

  std::string pack_;
  std::string profile_;  // of the attempt at hand
  std::vector<Profile> profiles_;
  std::int64_t started_us_ = 0;  // of the entry before
};

// Reads a pack, which must outlive it.
class PackReader {
 public:
  PackReader(PackPlace place, std::string_view pack) : place_(place), rest_(pack) {}

  bool next();  // false: at the end, or damaged
  bool damaged() const { return damaged_; }

  // Of the entry that next() came to.
  DeliveryKey key() const { return key_; }
  Instant started_at() const { return from_micros(started_us_); }
  Duration total() const { return timing_.total; }
  int status();
  AttemptRow attempt();  // all of it

 private:
  bool read_entry();
  bool read_profile();
  std::uint64_t varint();
  Duration span();
  std::string_view text();

  PackPlace place_;
  std::string_view rest_;
  bool damaged_ = false;
  std::vector<std::string_view> profiles_;
  DeliveryKey key_;
  std::int64_t started_us_ = 0;
  AttemptTiming timing_;
  bool reused_ = false;
  std::string_view profile_;
};

}  // namespace exposee::store

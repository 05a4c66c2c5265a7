#include "core/event_pack.h"

#include "core/assert.h"

namespace exposee {
namespace {

constexpr unsigned kBits = 7;
constexpr std::uint64_t kMore = 1u << kBits;

}  // namespace

void EventPack::add(EventSeq event) {
  if (empty()) {
    first_ = event;
  } else {
    EXPOSEE_ASSERT(event > last_, "numbers of a pack ascend");
    auto distance = event.value - last_.value;
    for (; distance >= kMore; distance >>= kBits)
      distances_.push_back(static_cast<char>((distance & (kMore - 1)) | kMore));
    distances_.push_back(static_cast<char>(distance));
  }
  last_ = event;
  ++count_;
}

std::optional<std::vector<EventSeq>> EventPack::unpack(EventSeq first, EventSeq last, std::uint32_t count,
                                                       std::string_view distances) {
  if (count == 0 || count > kPackBlock || block_of(first) != block_of(last)) return std::nullopt;
  std::vector<EventSeq> events{first};
  events.reserve(count);
  std::uint64_t distance = 0;
  unsigned shift = 0;
  for (const char c : distances) {
    const auto byte = static_cast<unsigned char>(c);
    distance |= (byte & (kMore - 1)) << shift;
    shift += kBits;
    if (shift > 2 * kBits) return std::nullopt;
    if (byte & kMore) continue;
    if (distance == 0) return std::nullopt;
    events.push_back(EventSeq{events.back().value + distance});
    distance = shift = 0;
  }
  if (shift != 0 || events.size() != count || events.back() != last) return std::nullopt;
  return events;
}

void add_to(std::vector<EventPack>& packs, EventSeq event, std::size_t max_bytes) {
  if (packs.empty() || !packs.back().takes(event, max_bytes)) packs.emplace_back();
  packs.back().add(event);
}

}  // namespace exposee

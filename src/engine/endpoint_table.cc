#include "engine/endpoint_table.h"

#include <algorithm>
#include <utility>

#include "core/assert.h"

namespace exposee::engine {

void EndpointTable::put(Ref endpoint) {
  const auto number = endpoint->number;
  EXPOSEE_ASSERT(number.value > 0, "an endpoint has a number");
  while (size() < number.value) chunks_.push_back(empty_chunk());
  set(number, std::move(endpoint));
}

void EndpointTable::drop(EndpointNumber number) {
  if (find(number)) set(number, nullptr);
}

const std::shared_ptr<const EndpointTable::Chunk>& EndpointTable::empty_chunk() {
  static const auto empty = std::make_shared<const Chunk>();
  return empty;
}

void EndpointTable::set(EndpointNumber number, Ref endpoint) {
  const auto place = static_cast<std::size_t>(number.value - 1);
  if (is_live(place)) --live_;
  auto& shared = chunks_[place / kChunk];
  auto changed = std::make_shared<Chunk>(*shared);
  (*changed)[place % kChunk] = std::move(endpoint);
  const bool is_empty = std::ranges::none_of(*changed, [](const Ref& each) { return bool{each}; });
  shared = is_empty ? empty_chunk() : std::move(changed);
  if (is_live(place)) ++live_;
}

const Endpoint* EndpointTable::find(EndpointNumber number) const {
  if (number.value == 0 || number.value > size()) return nullptr;
  return at(static_cast<std::size_t>(number.value - 1)).get();
}

}  // namespace exposee::engine

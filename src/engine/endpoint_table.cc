#include "engine/endpoint_table.h"

#include <utility>

#include "core/assert.h"

namespace exposee::engine {

void EndpointTable::put(Ref endpoint) {
  EXPOSEE_ASSERT(endpoint && endpoint->number.value > 0, "an endpoint has a number");
  const auto place = static_cast<std::size_t>(endpoint->number.value - 1);
  while (size() <= place) chunks_.push_back(std::make_shared<const Chunk>());
  auto& shared = chunks_[place / kChunk];
  auto changed = std::make_shared<Chunk>(*shared);
  auto& slot = (*changed)[place % kChunk];
  if (slot && !slot->removed_at) --live_;
  if (!endpoint->removed_at) ++live_;
  slot = std::move(endpoint);
  shared = std::move(changed);
}

const EndpointTable::Ref* EndpointTable::find(EndpointNumber number) const {
  if (number.value == 0 || number.value > size()) return nullptr;
  const auto& slot = at(static_cast<std::size_t>(number.value - 1));
  return slot ? &slot : nullptr;
}

}  // namespace exposee::engine

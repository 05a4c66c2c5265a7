#include "engine/endpoint_table.h"

#include <utility>

#include "core/assert.h"

namespace exposee::engine {

void EndpointTable::put(Ref endpoint) {
  const auto number = endpoint->number;
  EXPOSEE_ASSERT(number.value > 0, "an endpoint has a number");
  while (size() < number.value) chunks_.push_back(std::make_shared<const Chunk>());
  set(number, std::move(endpoint));
}

void EndpointTable::drop(EndpointNumber number) {
  if (find(number)) set(number, nullptr);
}

void EndpointTable::set(EndpointNumber number, Ref endpoint) {
  const auto place = static_cast<std::size_t>(number.value - 1);
  if (is_live(place)) --live_;
  auto& shared = chunks_[place / kChunk];
  auto changed = std::make_shared<Chunk>(*shared);
  (*changed)[place % kChunk] = std::move(endpoint);
  shared = std::move(changed);
  if (is_live(place)) ++live_;
}

const Endpoint* EndpointTable::find(EndpointNumber number) const {
  if (number.value == 0 || number.value > size()) return nullptr;
  return at(static_cast<std::size_t>(number.value - 1)).get();
}

}  // namespace exposee::engine

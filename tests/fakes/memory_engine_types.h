// What MemoryEngine does with event types. Included by fakes/memory_engine.h alone.
#pragma once

#include <algorithm>

#include "fakes/memory_engine.h"

namespace exposee::fakes {

inline EventType MemoryEngine::add_type(std::string name, std::string description) {
  const auto* known = registry_.any_type_named(name);
  const auto number =
      known ? known->number : TypeNumber{registry_.types.size() + registry_.removed_types.size() + 1};
  if (!known) registry_.type_numbers.add(name, number);
  return put_type({number, std::move(name), std::move(description), clock_.now()});
}

inline EventType MemoryEngine::put_type(EventType type) {
  ++registry_.version.value;
  for (auto* list : {&registry_.types, &registry_.removed_types}) {
    std::erase_if(*list, [&](const auto& other) { return other.number == type.number; });
  }
  auto& list = type.removed_at ? registry_.removed_types : registry_.types;
  return *list.insert(std::ranges::upper_bound(list, type.number, {}, &EventType::number), type);
}

inline engine::Outcome<EventType> MemoryEngine::decide(engine::DeclareType& command) {
  if (registry_.type_named(command.name)) return refuse(Refusal::type_exists);
  return add_type(command.name, command.description);
}

inline engine::Outcome<std::monostate> MemoryEngine::decide(engine::RemoveType& command) {
  const auto* known = registry_.type_named(command.name);
  if (!known) return refuse(Refusal::unknown_type);
  if (is_built_in(known->name)) return refuse(Refusal::type_built_in);
  if (command.only_if && !command.only_if(*known)) return refuse(Refusal::changed);
  auto removed = *known;
  removed.removed_at = clock_.now();
  put_type(std::move(removed));
  return std::monostate{};
}

}  // namespace exposee::fakes

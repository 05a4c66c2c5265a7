// The worlds in which random stories are told, a row each: the same acts, with limits so small that what is
// rare elsewhere is ordinary, or with something that happens beside them. Values; any thread.
#pragma once

#include <span>
#include <string_view>

#include "engine/settings.h"
#include "sim/world/story.h"

namespace exposee::sim {

struct Variant {
  std::string_view name;
  engine::EngineSettings settings;
  Plot plot;
};

std::span<const Variant> variants();
// The one in which ./test tells this seed: now and then one that takes long, else each in turn.
const Variant& variant_of(std::uint64_t seed);
const Variant& variant_named(std::string_view name);

}  // namespace exposee::sim

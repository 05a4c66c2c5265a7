// A whole random story on a disk, from its first act to its books.
#pragma once

#include "sim/world/disk.h"
#include "sim/world/variants.h"

namespace exposee::sim {

// Lets some of the next steps of the store end badly, each story in its own ways.
inline void break_store(World& world, Disk& disk) {
  constexpr fakes::Fault kFaults[] = {fakes::Fault::fails, fakes::Fault::fails, fakes::Fault::perhaps,
                                      fakes::Fault::in_effect, fakes::Fault::lost};
  const auto code = world.random.chance(0.5) ? ErrorCode::full : ErrorCode::unavailable;
  disk.faults.fail_next(1 + world.random.below(4), code, kFaults[world.random.below(std::size(kFaults))]);
}

// `meddle`: before it begins.
inline std::uint64_t tell_story(
    Disk& disk, std::uint64_t seed, const Variant& variant,
    const std::function<void(Disk&, World&)>& meddle = [](Disk&, World&) {}) {
  auto options = disk.options(seed, variant.settings);
  options.reads_late = seed % 4 != 0;
  options.space = &disk.space;
  World world(std::move(options));
  Story story(world, disk, variant.plot);
  meddle(disk, world);
  story.act();
  story.make_peace();
  story.check_books();
  return story.digest();
}

}  // namespace exposee::sim

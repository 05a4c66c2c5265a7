// A whole random story on a disk, from its first act to its books.
#pragma once

#include "sim/disk.h"
#include "sim/story.h"

namespace exposee::sim {

constexpr int kActs = 300;

// Lets some of the next steps of the store end badly, each story in its own ways.
inline void break_store(World& world, Disk& disk) {
  constexpr fakes::Fault kFaults[] = {fakes::Fault::fails, fakes::Fault::fails, fakes::Fault::perhaps,
                                      fakes::Fault::in_effect, fakes::Fault::lost};
  const auto code = world.random.chance(0.5) ? ErrorCode::full : ErrorCode::unavailable;
  disk.faults.fail_next(1 + world.random.below(4), code, kFaults[world.random.below(std::size(kFaults))]);
}

inline std::uint64_t tell_story(Disk& disk, std::uint64_t seed, engine::EngineSettings settings = {},
                                bool types_change = false) {
  auto options = disk.options(seed, std::move(settings));
  options.reads_late = seed % 4 != 0;
  World world(std::move(options));
  Story story(world, [&] { break_store(world, disk); });
  if (types_change) story.let_types_come_and_go();
  story.act(kActs);
  disk.faults.fail_from = 0;
  story.make_peace();
  story.check_books();
  return story.digest();
}

}  // namespace exposee::sim

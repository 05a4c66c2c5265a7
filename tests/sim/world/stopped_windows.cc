#include "sim/world/stopped_windows.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace exposee::sim {

namespace {

constexpr int kCheckpointsToLetGo = 2;

}  // namespace

void StoppedWindows::note_checkpoint(const Turn& turn, const engine::EngineLimits& limits) {
  const auto most = limits.packs_per_checkpoint;
  had_checkpoint_ = turn.checkpoint && turn.packs.size() < most && turn.removed_packs.size() < most;
}

void StoppedWindows::check(const engine::Lane& lane, const engine::EngineLimits& limits, Instant latest) {
  if (!lane.gate.is_stopped(latest)) return void(lanes_.erase(lane.number));
  for (const auto* retries : {&lane.retries.by_schedule(), &lane.retries.by_hand()})
    EXPECT_LE(retries->size(), limits.stopped_retries)
        << "I14: retries of endpoint " << lane.number.value << ", which may not start";
  const auto handful = limits.stopped_window;
  const auto size = lane.backlog.size();
  const auto [entry, is_new] = lanes_.try_emplace(lane.number);
  auto& stop = entry->second;
  if (!is_new && !stop.is_reading) {
    EXPECT_LE(size, std::max(handful, stop.most))
        << "I14: endpoint " << lane.number.value << " may not start";
  }
  const bool is_quiet = lane.flights.open() == 0 && lane.set_aside.empty() && !lane.backlog.is_reading();
  if (is_new || !is_quiet || stop.is_reading) {
    stop.checkpoints = 0;
  } else if (had_checkpoint_ && ++stop.checkpoints > kCheckpointsToLetGo) {
    EXPECT_LE(size, handful) << "I14: endpoint " << lane.number.value << " has not started for long";
  }
  stop.most = size + lane.flights.in_flight();
  stop.is_reading = lane.backlog.is_reading();
}

}  // namespace exposee::sim

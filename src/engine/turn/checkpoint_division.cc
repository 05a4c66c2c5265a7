#include "engine/turn/checkpoint_division.h"

#include <string>
#include <vector>

namespace exposee::engine {

Written CheckpointDivision::write_packs(const Packing::Checkpoint& checkpoint) {
  if (auto written = write_stale(std::span(checkpoint.removed).first(checkpoint.stale)); !written)
    return written;
  return write_steps(checkpoint.steps);
}

Written CheckpointDivision::write(const Turn& turn) {
  ++writes_;
  return writer_.write_alone(turn, now_);
}

// Together, by halves if they cannot be.
Written CheckpointDivision::write_steps(std::span<const Step> steps) {
  if (steps.empty() || is_spent()) return {};
  std::vector<PackKey> removed;
  std::vector<BacklogPack> packs;
  for (const auto& [lane, step] : steps) {
    for (const auto first : step.removed) removed.push_back({lane->number, first});
    for (const auto& pack : step.put) packs.push_back({lane->number, pack});
  }
  const Turn turn{.removed_packs = removed, .packs = packs};
  auto written = turn.empty() ? Written{} : write(turn);
  if (written) {
    for (const auto& [lane, step] : steps) packing_.packed(*lane, step);
    return written;
  }
  if (!comes_again(written)) return written;
  if (steps.size() == 1) return leave_out(*steps.front().first), Written{};
  const auto half = steps.size() / 2;
  auto first = write_steps(steps.first(half));
  return first ? write_steps(steps.subspan(half)) : first;
}

// Of one that cannot be removed nothing depends: a start finds that it is owed no more.
Written CheckpointDivision::write_stale(std::span<const PackKey> packs) {
  if (packs.empty() || is_spent()) return {};
  auto written = write({.removed_packs = packs});
  const bool is_given_up = comes_again(written) && packs.size() == 1;
  if (is_given_up) {
    observer_.row_in_trouble(
        {"backlog_pack", std::to_string(packs[0].endpoint.value) + " " + std::to_string(packs[0].first.value),
         "it is needed no more and cannot be removed; it stays"});
  }
  if (written || is_given_up) return packing_.drop_stale(packs.size()), Written{};
  if (!comes_again(written)) return written;
  const auto half = packs.size() / 2;
  auto first = write_stale(packs.first(half));
  return first ? write_stale(packs.subspan(half)) : first;
}

void CheckpointDivision::leave_out(Lane& lane) {
  if (!packing_.leave_out(lane, now_)) return;
  observer_.row_in_trouble(
      {"backlog_pack", "of endpoint " + std::to_string(lane.number.value),
       "what it is owed cannot be written down; it is tried again later, and a start reads more"});
}

}  // namespace exposee::engine

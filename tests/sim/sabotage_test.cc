// The checkers are checked: each promise is broken on purpose, by a store that writes something else than it is
// told, and some story must notice.
#include <gtest/gtest-spi.h>

#include "sim/tell_story.h"

namespace exposee::sim {
namespace {

constexpr std::uint64_t kPatience = 60;  // stories, until one must have noticed

struct Sabotage {
  const char* what;
  std::function<void(Turn&)> change;
  engine::EngineSettings settings{};
};

engine::EngineSettings tiny_windows() {
  engine::EngineSettings settings;
  settings.limits.window = 2;
  settings.limits.stopped_window = 1;
  settings.limits.pack_bytes = 4;
  settings.limits.pack_after = Duration{};
  return settings;
}

const std::vector<Sabotage>& sabotages() {
  static const std::vector<Sabotage> all{
      {"what is acknowledged is not on disk yet", [](Turn& t) { t.durability = Durability::with_next; }},
      {"an event is not stored", [](Turn& t) { t.events = {}; }},
      {"an outcome is not stored", [](Turn& t) { t.attempts = {}; }},
      {"a delivery's row is not stored", [](Turn& t) { t.deliveries = {}; }},
      {"a key is not stored", [](Turn& t) { t.claims = {}; }},
      {"the receiver's wish to be left alone is not stored", [](Turn& t) { t.holds = {}; }},
      {"a mark says that all is settled",
       [](Turn& t) {
         if (t.checkpoint) t.checkpoint->marks = {};
       }},
      {"a pack of a backlog is not stored", [](Turn& t) { t.packs = {}; }, tiny_windows()},
  };
  return all;
}

// What one story found wrong.
int faults_found(const Sabotage& sabotage, std::uint64_t seed) {
  testing::TestPartResultArray found;
  testing::ScopedFakeTestPartResultReporter reporter(
      testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &found);
  Disk disk;
  disk.faults.sabotages = sabotage.change;
  tell_story(disk, seed, sabotage.settings);
  return found.size();
}

TEST(Sabotage, IsNoticedByAStory) {
  for (const auto& sabotage : sabotages()) {
    std::uint64_t seed = 1;
    while (seed <= kPatience && faults_found(sabotage, seed) == 0) ++seed;
    EXPECT_LE(seed, kPatience) << sabotage.what;
  }
}

}  // namespace
}  // namespace exposee::sim

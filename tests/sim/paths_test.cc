// That random stories go where it matters: each of these ways through the engine is taken by some of them, or
// they have become tame and prove less than they say.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "sim/world/tell_story.h"

namespace exposee::sim {
namespace {

constexpr std::uint64_t kPatience = 150;  // stories

class Paths {
 public:
  Paths() {
    for (const char* way : kWays) taken_[way] = false;
  }
  // Looks on while this story is told.
  void follow(Disk& disk, World& world) {
    disk.faults.wrote = [this, also = disk.faults.wrote](const Turn& turn) {
      also(turn);
      look_at(turn);
    };
    world.after_step = [this, also = world.after_step, &disk, &world] {
      also();
      look_at(disk, world);
    };
    world.backlog_reader.on_result = [this, &world](const BacklogResult& result) {
      const auto* lane = world.engine->dispatcher().find_lane(result.read.endpoint);
      take("a late read is void", !lane || lane->backlog.life() != result.read.life);
    };
  }
  std::string missing() const {
    std::string ways;
    for (const auto& [way, taken] : taken_) ways += taken ? "" : way + "; ";
    return ways;
  }

 private:
  static constexpr const char* kWays[] = {"a backlog is packed",
                                          "a pack goes",
                                          "a delivery overflows",
                                          "an event cannot be read",
                                          "an address is refused",
                                          "a retry is hurried",
                                          "a retry is asked for",
                                          "a success is repeated by hand",
                                          "all attempts fail",
                                          "an outcome is cancelled",
                                          "a receiver holds its endpoint",
                                          "a breaker opens",
                                          "a breaker closes",
                                          "a receiver disables its endpoint",
                                          "a job comes back",
                                          "a commit fails",
                                          "a commit fails and may be there after a start",
                                          "a commit takes effect unknown",
                                          "a commit is lost unknown",
                                          "something is set aside",
                                          "a read is damaged",
                                          "a late read is void",
                                          "the disk is nearly full",
                                          "events expire",
                                          "an endpoint is forgotten",
                                          "all places are taken",
                                          "an ordered endpoint lags",
                                          "a thousand endpoints",
                                          "the process ends three times"};

  void take(const std::string& way, bool taken) {
    auto& known = taken_.at(way);
    known = known || taken;
  }
  void look_at(const Turn& turn) {
    take("a backlog is packed", !turn.packs.empty());
    take("a pack goes", !turn.removed_packs.empty());
    take("a receiver holds its endpoint", !turn.holds.empty());
    for (const auto& row : turn.deliveries) look_at(row);
  }
  void look_at(const DeliveryRow& row) {
    take("a delivery overflows", row.cause == Cause::overflow);
    take("an event cannot be read", row.cause == Cause::damaged);
    take("an address is refused", row.cause == Cause::blocked);
    take("a retry is hurried", row.brought_forward);
    take("a retry is asked for", row.asked);
    take("a success is repeated by hand", row.once);
    take("all attempts fail", row.status == DeliveryStatus::exhausted && row.attempts > 3);
    take("an outcome is cancelled", row.status == DeliveryStatus::cancelled);
  }
  void look_at(const Disk& disk, const World& world) {
    const auto& faults = disk.faults;
    const auto bad = [&](fakes::Fault fault) {
      return faults.bad_writes[static_cast<std::size_t>(fault)] > 0;
    };
    take("a commit fails", bad(fakes::Fault::fails));
    take("a commit fails and may be there after a start", bad(fakes::Fault::perhaps));
    take("a commit takes effect unknown", bad(fakes::Fault::in_effect));
    take("a commit is lost unknown", bad(fakes::Fault::lost));
    take("a read is damaged", faults.damaged_reads > 0);
    const auto& state = disk.data->state;
    take("events expire", state.last_expired.value > 0);
    take("an endpoint is forgotten",
         !state.endpoints.empty() && state.endpoints.rbegin()->first.value > state.endpoints.size());
    take("a job comes back", world.sender.given_back > 0);
    take("the process ends three times", world.sender.life >= 3);
    look_at(world.observer);
    look_at(*world.engine, world.settings());
  }
  void look_at(const fakes::QuietObserver& observer) {
    take("a breaker opens", observer.breakers.contains('o'));
    take("a breaker closes", observer.breakers.contains('c'));
    take("a receiver disables its endpoint", !observer.disabled.empty());
    take("the disk is nearly full", observer.disk.contains('l'));
    take("something is set aside", std::ranges::any_of(observer.troubles, [](const std::string& row) {
           return row.starts_with("attempt");
         }));
  }
  void look_at(const engine::Engine& engine, const engine::EngineSettings& settings) {
    const auto& dispatcher = engine.dispatcher();
    take("all places are taken", dispatcher.flights() >= settings.max_in_flight);
    take("a thousand endpoints", dispatcher.endpoints() >= 1'000);
    for (std::uint64_t number = 1; number <= dispatcher.endpoints(); ++number) {
      const auto* lane = dispatcher.find_lane(EndpointNumber{number});
      take("an ordered endpoint lags", lane && lane->gate.is_ordered() && lane->backlog.has_beyond());
    }
  }

  std::map<std::string, bool> taken_;
};

TEST(Paths, AreAllTakenBySomeStory) {
  Paths paths;
  for (std::uint64_t seed = 1; seed <= kPatience && !paths.missing().empty(); ++seed) {
    Disk disk;
    tell_story(disk, seed, variant_of(seed), [&](Disk& d, World& world) { paths.follow(d, world); });
  }
  EXPECT_EQ(paths.missing(), "");
}

}  // namespace
}  // namespace exposee::sim

// The disk of a simulated world, and the questions that most tests ask. One thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "fakes/faulty_store.h"
#include "fakes/memory_store.h"
#include "sim/world/world.h"

namespace exposee::sim {

class SmallDisk final : public DiskSpace {
 public:
  std::optional<Room> room() const override {
    ++looks;
    return now;
  }
  std::optional<Room> now = Room{std::uint64_t{1} << 30, std::uint64_t{8} << 30};
  mutable int looks = 0;
};

struct Disk {
  std::shared_ptr<fakes::MemoryDisk> data = std::make_shared<fakes::MemoryDisk>();
  fakes::FaultPlan faults;
  SmallDisk space;  // whoever asks for it

  Options options(std::uint64_t seed, engine::EngineSettings settings = {}) {
    return {seed, std::move(settings),
            [this] {
              return std::make_unique<fakes::FaultyStore>(std::make_unique<fakes::MemoryStore>(data), faults);
            },
            [this] { data->power_fails(); }};
  }
  // What lanes ask of the reader is read only when the test says so.
  Options with_late_reads(const engine::EngineLimits& limits) {
    engine::EngineSettings settings;
    settings.limits = limits;
    auto late = options(1, std::move(settings));
    late.reads_late = true;
    return late;
  }
};

inline DeliveryStatus status_of(World& world, EventSeq event, EndpointNumber endpoint) {
  const auto row = world.find_delivery({event, endpoint});
  EXPECT_TRUE(row);
  return row ? row->status : DeliveryStatus::pending;
}

inline engine::Published must_publish(World& world, const std::string& type = "user_registered") {
  const auto outcome = world.publish(type, R"({"n":1})");
  EXPECT_TRUE(outcome && *outcome);
  return **outcome;
}

}  // namespace exposee::sim

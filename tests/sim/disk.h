// The disk of a simulated world, and the questions that most tests ask. One thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "fakes/faulty_store.h"
#include "sim/world.h"
#include "fakes/memory_store.h"

namespace exposee::sim {

struct Disk {
  std::shared_ptr<fakes::MemoryDisk> data = std::make_shared<fakes::MemoryDisk>();
  fakes::FaultPlan faults;

  Options options(std::uint64_t seed, engine::EngineSettings settings = {}) {
    return {seed, std::move(settings),
            [this] {
              return std::make_unique<fakes::FaultyStore>(std::make_unique<fakes::MemoryStore>(data), faults);
            },
            [this] { data->power_fails(); }};
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

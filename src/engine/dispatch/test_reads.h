// What the tests of reads share: a reader that keeps what it is asked for, and endpoints that get every
// event.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ports/backlog.h"
#include "ports/store.h"

namespace exposee::engine {

// Keeps what it is asked for, and never gives it.
class PatientReader final : public BacklogReader {
 public:
  void read(BacklogReads&& reads, BacklogSink&) override { asked.push_back(std::move(reads)); }
  std::vector<BacklogReads> asked;
};

class NoSink final : public BacklogSink {
 public:
  void backlog_read(BacklogResults&&) override {}
};

// So many, numbered from 1, all subscribed to one type.
inline StartState endpoints_of_one_type(std::uint64_t count) {
  StartState start{.version = RegistryVersion{1}};
  start.types.push_back({TypeNumber{1}, "user_registered", "", {}});
  for (std::uint64_t n = 1; n <= count; ++n) {
    start.endpoints.push_back(
        {.number = EndpointNumber{n}, .url = "http://h" + std::to_string(n) + ".example/"});
    start.subscriptions.push_back({"user_registered", EndpointNumber{n}, RegistryVersion{1}, {}});
  }
  return start;
}

}  // namespace exposee::engine

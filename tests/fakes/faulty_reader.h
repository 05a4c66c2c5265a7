// A reader of a store in memory that fails when told to. The plan is changed while nothing is read.
#pragma once

#include <cstdint>
#include <optional>

#include "fakes/memory_reader.h"

namespace exposee::fakes {

struct ReadFaults {
  bool away = false;                        // no reader can be had
  std::optional<std::uint64_t> users_from;  // the list of users cannot be read on from this number
};

class FaultyReader final : public MemoryReader {
 public:
  FaultyReader(std::shared_ptr<MemoryDisk> disk, const ReadFaults& faults)
      : MemoryReader(std::move(disk)), faults_(faults) {}

  Result<void> users(std::uint64_t after, const TakeRow<UserRow>& take) override {
    if (faults_.users_from && after >= *faults_.users_from)
      return Error{ErrorCode::unavailable, "the store is away", {}};
    return MemoryReader::users(after, take);
  }

 private:
  const ReadFaults& faults_;
};

}  // namespace exposee::fakes

// The door to the disk that the data lies on: how much room there is. One call of the system that may wait
// for a disk; read by the engine's thread about once a second, while there is something to accept.
#pragma once

#include <cstdint>
#include <optional>

namespace exposee {

class DiskSpace {
 public:
  virtual ~DiskSpace() = default;
  struct Room {
    std::uint64_t free = 0;   // bytes, for who is not root
    std::uint64_t total = 0;  // of the file system
  };
  // Nothing: the system does not say.
  virtual std::optional<Room> room() const = 0;
};

}  // namespace exposee

// The door to whether this server can do its work now. Any thread; must not block.
#pragma once

#include <optional>
#include <string>

namespace exposee {

class Readiness {
 public:
  virtual ~Readiness() = default;
  // One sentence saying why events are not accepted, or nothing when they are.
  virtual std::optional<std::string> not_ready() const = 0;
};

}  // namespace exposee

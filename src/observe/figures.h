// What is not counted but looked at for each page of metrics: connections, files, the process. The door
// behind which the wiring looks.
#pragma once

#include <cstdint>
#include <optional>

#include "core/time.h"

namespace exposee::observe {

struct StorageFigures {
  std::uint64_t database_bytes = 0, log_bytes = 0;  // exposee.db, exposee.db-wal
  std::uint64_t free_bytes = 0;                     // of the file system, for who is not root
};

struct ProcessFigures {
  Duration cpu{};  // user and system
  std::uint64_t resident_bytes = 0, virtual_bytes = 0;
  std::uint64_t open_fds = 0, max_fds = 0;
  Instant started_at;
};

struct Figures {
  std::uint64_t server_connections = 0, sender_connections = 0;
  std::uint64_t unread_bytes = 0, unfinished_bytes = 0;
  std::uint64_t log_lines_dropped = 0;
  std::uint64_t damaged_rows = 0;  // and pages, met so far
  std::optional<StorageFigures> storage;  // none: the system does not say
  std::optional<ProcessFigures> process;
};

class FigureSource {
 public:
  virtual ~FigureSource() = default;
  virtual Figures figures() const = 0;  // reads the system's figures; a reading thread
};

}  // namespace exposee::observe

// The door to what waits for endpoints beyond the memory of their lanes: asked for by the engine, read by
// a thread of its own, given to a sink. So a read holds up no turn, however far away the store is. What was
// read is as it was at some moment after the asking: what has happened since is the engine's to strike.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ports/store.h"

namespace exposee {

// What is to be read for one endpoint: events by number, or the next pack and of its events the first.
struct BacklogRead {
  EndpointNumber endpoint;
  std::uint64_t life = 0;  // of its lane; comes back with the result
  std::optional<PackStretch> pack;
  std::vector<EventSeq> events;                // ascending; of a pack they come with the result
  std::size_t most_events = 0, max_bytes = 0;  // of it alone
};

struct BacklogResult {
  BacklogRead read;
  bool is_read = false;  // no: those before it were as much as was asked for
  bool pack_is_missing = false;
  Result<OwedPage> page = OwedPage{};
};

// The next pending rows of one endpoint, as OwedReads::load_pending gives them, or load_asked.
struct RetryRowsRead {
  EndpointNumber endpoint;
  std::uint64_t life = 0;
  bool by_hand = false;
  Instant after_due{};
  EventSeq after_event;
  std::uint32_t most = 0;
};

struct RetryRowsResult {
  RetryRowsRead read;
  bool is_read = false;
  Result<std::vector<DeliveryRow>> rows = std::vector<DeliveryRow>{};
};

// Events of one endpoint's retries, those that start first in front.
struct RetryEventsRead {
  EndpointNumber endpoint;
  std::uint64_t life = 0;
  std::vector<EventSeq> events;
  std::size_t max_bytes = 0;  // of it alone
};

struct RetryEventsResult {
  RetryEventsRead read;
  bool is_read = false;
  Result<EventsRead> found = EventsRead{};
};

// Several reads of each kind, in the order in which they are answered; and how many bytes of bodies, and how
// many rows, all of them may bring: the one that makes it so many is the last.
struct BacklogReads {
  std::vector<BacklogRead> windows;
  std::vector<RetryRowsRead> rows;
  std::vector<RetryEventsRead> events;
  std::size_t max_bytes = 0;
  std::size_t max_rows = 0;
};

struct BacklogResults {
  std::vector<BacklogResult> windows;
  std::vector<RetryRowsResult> rows;
  std::vector<RetryEventsResult> events;

  bool empty() const { return windows.empty() && rows.empty() && events.empty(); }
  void clear() { *this = {}; }
  void add(BacklogResults&& others);
};

// Where results go. Any thread.
class BacklogSink {
 public:
  virtual ~BacklogSink() = default;
  virtual void backlog_read(BacklogResults&& results) = 0;
};

class BacklogReader {
 public:
  virtual ~BacklogReader() = default;
  // Never blocks. Every call is answered once through `sink`, unless its store goes away before.
  virtual void read(BacklogReads&& reads, BacklogSink& sink) = 0;
};

// Carries them out; of each kind, results without an `is_read` come first.
BacklogResults carry_out(OwedReads& store, BacklogReads&& reads);

}  // namespace exposee

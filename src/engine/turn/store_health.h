// Whether the store can be written, and what may be written now: nothing but a new try now and then while it
// fails, and no events while its disk is nearly full. Tells those who watch when that changes. Owned by the
// engine; its thread, but for the two questions that any thread may ask.
#pragma once

#include <algorithm>
#include <atomic>
#include <string>
#include <string_view>

#include "engine/commands.h"
#include "engine/settings.h"
#include "ports/disk_space.h"
#include "ports/observer.h"

namespace exposee::engine {

constexpr Duration kStoreRetry{250'000};  // between attempts to write while the store fails

class StoreHealth {
 public:
  // `disk`: none: there is always room.
  StoreHealth(const EngineSettings& settings, const DiskSpace* disk, Observer& observer)
      : settings_(settings), disk_(disk), observer_(observer) {}

  // Any thread.
  bool works() const { return !failed_.load(); }
  bool disk_is_low() const { return disk_low_.load(); }  // and events are refused

  // --- the store ---
  void failed(const Error& error, Instant now);
  void succeeded();
  // While it fails: not before the next try is due.
  bool may_write(Instant now) const { return works() || now >= retry_at_; }
  void try_at(Instant now) { retry_at_ = now; }
  Duration until_try(Instant now) const { return std::max(Duration::zero(), retry_at_ - now); }
  ErrorCode failure() const { return failure_; }  // the last
  // What commands are answered that it cannot take; `why`: one sentence more, or nothing.
  static Refused refusal(ErrorCode failure, std::string_view why = {});

  // --- its disk ---
  // Asks at most once a second how much room there is.
  void look_at_disk(Instant now);
  // Why no events are accepted; empty: they are.
  const std::string& refuses_events() const { return refuses_events_; }

 private:
  const EngineSettings& settings_;
  const DiskSpace* const disk_;
  Observer& observer_;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> disk_low_ = false;
  ErrorCode failure_ = ErrorCode::unavailable;
  Instant retry_at_;
  Instant look_at_;
  std::string refuses_events_;
};

}  // namespace exposee::engine

// The last things that happened, as values with ascending ids, for followers (a live view, a stream).
// A member of the fan-out: the engine's thread puts in, any thread reads what came after an id, and gets how
// much it missed. Nothing is rendered here and nothing is allocated on the engine's thread; without a
// follower, an id is counted and nothing else. Owned by the wiring; outlives every follower.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "ports/observer.h"

namespace exposee::observe {

constexpr std::size_t kLiveNotes = 4096;  // kept: some 0.5 MiB, and a second or so of a busy server's attempts
constexpr std::size_t kLiveRead = 256;    // read at once: for so long the engine may have to wait

enum class LiveKind : std::uint8_t {
  attempt,
  endpoint_registered,
  endpoint_changed,
  endpoint_enabled,
  endpoint_disabled,  // by hand
  endpoint_removed,
  type_declared,
  type_removed,
  endpoint_given_up,  // disabled by the server
  breaker_opened,
  breaker_closed,
  store_failed,
  store_recovered,
};

// What happened, in numbers: a follower looks up names and URLs in the registry's snapshot. What a kind has
// nothing to say about is as it is made.
struct LiveNote {
  std::uint64_t id = 0;
  LiveKind kind = LiveKind::attempt;
  EndpointNumber endpoint;  // zero: of no endpoint
  EndpointId endpoint_id;

  // Of an attempt.
  DeliveryKey delivery;
  EventId event_id;
  TypeNumber type;
  std::uint32_t attempt = 0;
  std::uint16_t http_status = 0;  // 0: no response
  Cause cause = Cause::none;
  DeliveryStatus status = DeliveryStatus::pending;  // of the delivery after this attempt
  Instant started_at;
  Duration took{};
  std::optional<Instant> next_at;  // of the next attempt
};

class LiveRing final : public Observer {
 public:
  // Told on the engine's thread, at the end of a turn in which something happened; must not block. It may read the
  // ring, but neither follow it nor let go of a follower.
  using Wake = std::function<void()>;

  // `begin`: the first id, above all of earlier starts: that of a time in microseconds is, for no server tells of a
  // million things in each second of its life. `capacity`: notes kept; tests use a small one.
  explicit LiveRing(std::uint64_t begin = 1, std::size_t capacity = kLiveNotes)
      : begin_(begin), capacity_(capacity), last_id_(begin - 1), first_(begin), end_(begin) {}

  // Holds the ring open: notes are kept as long as there is one. Once it is gone its wake runs no more: its end waits
  // for one that is under way. Any thread.
  class Follower {
   public:
    Follower(LiveRing& ring, Wake wake);
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

   private:
    friend class LiveRing;
    LiveRing& ring_;
    const Wake wake_;
  };
  std::unique_ptr<Follower> follow(Wake wake) { return std::make_unique<Follower>(*this, std::move(wake)); }

  struct Page {
    std::vector<LiveNote> notes;  // oldest first
    std::uint64_t read_on = 0;    // after what to read next
    std::uint64_t missed = 0;     // that came between `after` and the first of them, and are gone
    bool more = false;            // read on at once
    // `after` is not an id of this start of the server, and what else followed it is not known. These are the
    // first that are kept; a follower that shows a state reads all of it anew.
    bool restarted = false;
  };
  // What came after the note with that id; 0: all that is kept. A follower begins at last_id(). Any thread.
  Page read(std::uint64_t after, std::size_t limit = kLiveRead) const;
  // Of the last thing that happened, kept or not. Any thread.
  std::uint64_t last_id() const { return last_id_.load(std::memory_order_acquire); }

  void attempt_finished(const AttemptNote& note) override;
  void turn_committed(const TurnNote&) override {}
  void registry_changed(const ChangeNote& note) override;
  void store_failed(const Error&) override { put(LiveKind::store_failed, nullptr); }
  void store_recovered() override { put(LiveKind::store_recovered, nullptr); }
  void attempt_not_begun(const Endpoint&, std::string_view, Instant) override {}
  void endpoint_disabled(const Endpoint& endpoint) override;
  void breaker_changed(const Endpoint& endpoint, bool open) override {
    put(open ? LiveKind::breaker_opened : LiveKind::breaker_closed, &endpoint);
  }
  void turn_ended(const TurnEnd&) override;

 private:
  std::uint64_t next_id();
  bool is_followed() const { return followed_.load(std::memory_order_relaxed); }
  void put(LiveKind kind, const Endpoint* endpoint);
  void keep(LiveNote&& note);

  const std::uint64_t begin_;
  const std::size_t capacity_;
  std::atomic<std::uint64_t> last_id_;  // written by the engine's thread alone
  std::atomic<bool> followed_ = false;
  bool has_news_ = false;  // the engine's thread: something was kept in this turn

  // Held while followers are woken, and never together with the other one but before it.
  std::mutex followers_mutex_;
  std::vector<Follower*> followers_;  // under followers_mutex_

  mutable std::mutex mutex_;
  // Under mutex_.
  std::vector<LiveNote> notes_;  // that of id n at n % capacity
  std::uint64_t first_, end_;    // ids kept: from first_ up to, without, end_
};

}  // namespace exposee::observe

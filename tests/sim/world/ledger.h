// What has become of every delivery, by the rules of ports/store.h and from nothing but the store: kept from
// checkpoint to checkpoint, so that only what is open is looked at again. One thread.
#pragma once

#include <array>
#include <map>
#include <set>
#include <span>

#include "fakes/memory_state.h"

namespace exposee::sim {

class Ledger {
 public:
  // How many deliveries of one endpoint have which status.
  using Account = std::array<std::uint64_t, static_cast<std::size_t>(kLastDeliveryStatus) + 1>;

  explicit Ledger(const fakes::memory::MemoryState& state) : state_(state) {}

  void begin_anew();                    // the store has gone back to what was on disk
  void bring_up_to_date();              // what has come, and what has ended
  void look_again(const DeliveryKey& key);  // also at what has ended
  void drop(EventSeq event);            // it has expired
  std::optional<DeliveryStatus> status(const DeliveryKey& key) const;  // as of then
  const std::set<DeliveryKey>& open() const { return open_; }
  std::uint64_t accepted() const { return accepted_; }
  // Of all endpoints together.
  const Account& sums() const { return sums_; }
  Account recount() const;  // the same, from the lists that everybody is shown
  std::uint64_t open_of(EndpointNumber endpoint) const;

 private:
  void take(const Event& event);
  void move(const DeliveryKey& key, DeliveryStatus status);

  const fakes::memory::MemoryState& state_;
  EventSeq last_;  // event that was taken
  std::map<DeliveryKey, DeliveryStatus> all_;
  std::set<DeliveryKey> open_;
  std::map<EndpointNumber, std::uint64_t> open_of_;
  std::uint64_t accepted_ = 0;
  Account sums_{};
};

}  // namespace exposee::sim

// Test POSTs that belong to no delivery: the contract's ping, and POST /v1/endpoints/{id}/test. Hands them to
// the sender and gathers their answers. Owned by Api; the Sender must have answered or forgotten every job
// before it goes. send() from any thread; answered() comes on the sender's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "ports/sender.h"

namespace exposee::api {

// Test POSTs under way at once, over all calls. Each may hold 16 KiB of answer, so this bounds memory at 64
// MiB; one call that alone is larger is still let through when nothing else is under way.
constexpr std::size_t kMaxProbesUnderWay = 4096;

class Prober final : public SendSink {
 public:
  // In the order of the jobs. Runs once, on the sender's thread (at once, on the caller's, when there are no
  // jobs).
  using Done = std::function<void(std::vector<Answer>&& answers)>;

  explicit Prober(Sender& sender) : sender_(sender) {}

  // Tickets are given here. False: too many are under way; nothing was sent and `done` will not run.
  [[nodiscard]] bool send(std::vector<SendJob> jobs, Done done);

  void answered(std::vector<SendResult>&& results) override;

 private:
  struct Group {
    std::vector<Answer> answers;
    std::size_t missing = 0;
    Done done;
  };
  struct Place {
    std::shared_ptr<Group> group;
    std::size_t index = 0;
  };
  bool admit(std::vector<SendJob>& jobs, Done&& done);
  std::shared_ptr<Group> settle(SendResult&& result);  // the group that it completed

  Sender& sender_;
  std::mutex mutex_;
  std::uint64_t last_ticket_ = 0;
  std::unordered_map<std::uint64_t, Place> waiting_;
};

}  // namespace exposee::api

// Test POSTs that belong to no delivery: the contract's ping, and POST /v1/endpoints/{id}/test. Hands them to
// the sender and gathers their answers. Owned by Api; the Sender must have answered or forgotten every job
// before it goes. send() from any thread; answered() comes on the sender's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/options.h"
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

  using Note = std::function<void(const ProbeNote&)>;

  // `note`: told of each that ended, before its Done runs; may be empty.
  explicit Prober(Sender& sender, Note note = {}) : sender_(sender), note_(std::move(note)) {}

  // `kind`: "ping" or "test", for the note; a literal. Tickets are given here. False: too many are under way;
  // nothing was sent and `done` will not run.
  [[nodiscard]] bool send(std::string_view kind, std::vector<SendJob> jobs, Done done);

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
    std::string_view kind;
    TargetRef target;
    EventRef event;
  };
  bool admit(std::string_view kind, std::vector<SendJob>& jobs, Done&& done);
  Place take(std::uint64_t ticket);
  void note(const Place& place, const Answer& answer) const;
  std::shared_ptr<Group> settle(const Place& place, Answer&& answer);  // the group that it completed

  Sender& sender_;
  const Note note_;
  std::mutex mutex_;
  std::uint64_t last_ticket_ = 0;
  std::unordered_map<std::uint64_t, Place> waiting_;
};

}  // namespace exposee::api

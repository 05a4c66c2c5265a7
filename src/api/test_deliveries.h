// Test deliveries: the contract's ping, and POST /v1/endpoints/{id}/test. They belong to no event that is
// stored. Calls share the sender in turns: of one call and of all so many are under way
// at most (TestDeliveryLimits), so that a large ping neither takes the connections of deliveries nor holds up another
// call. Owned by Api; the Sender must have answered or forgotten every job before it goes. send() from any
// thread; answered() comes on the sender's.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ports/call_observer.h"
#include "ports/sender.h"

namespace exposee::api {

struct TestDeliveryLimits {
  std::size_t concurrency = 256;  // test deliveries under way; of the sender's 8,192 connections
  std::size_t concurrency_per_call = 64;  // ... of one call
  // Test deliveries that were asked for and not reported yet, over all calls. Each may hold 16 KiB of
  // response, so this bounds memory at 64 MiB.
  std::size_t admitted = 4096;
};

class TestDeliveries final : public SendSink {
 public:
  // Holds the place of a call's test deliveries among those admitted, until the last copy is gone.
  using Permit = std::shared_ptr<void>;

  // In the order of the jobs. Runs once, on the sender's thread (at once, on the caller's, when there are no
  // jobs), and must be short; the permit is kept for as long as the responses are.
  using Done = std::function<void(std::vector<Response>&& responses, Permit permit)>;

  // Told which endpoints answered with 2xx, each once; before any Done of theirs runs.
  using Well = std::function<void(std::vector<EndpointNumber>&&)>;

  // `observer`: told of each that ended, before its Done runs. `well` may be empty.
  TestDeliveries(Sender& sender, CallObserver& observer, TestDeliveryLimits limits = {}, Well well = {})
      : sender_(sender), observer_(observer), limits_(limits), well_(std::move(well)) {}

  // Tickets are given here. False: too many were admitted; nothing was sent and `done` will not run.
  [[nodiscard]] bool send(TestKind kind, std::vector<SendJob> jobs, Done done);

  void answered(std::vector<SendResult>&& results) override;

 private:
  // One call.
  struct Group {
    TestKind kind;
    std::vector<SendJob> jobs;
    std::vector<Response> responses;
    std::size_t begun = 0, ended = 0;
    Done done;
    Permit permit;
  };
  using GroupRef = std::shared_ptr<Group>;
  struct Place {
    GroupRef group;
    std::size_t index = 0;
  };

  Permit admit(std::size_t count);  // null: too many
  void begin_more();
  std::vector<SendJob> next_jobs();
  bool may_begin(const Group& group) const;
  Place take(std::uint64_t ticket);
  void note(const Place& place, const Response& response) const;
  void tell_who_is_well(const std::vector<SendResult>& results);
  bool settle(const Place& place, Response&& response);  // whether the group is complete

  Sender& sender_;
  CallObserver& observer_;
  const TestDeliveryLimits limits_;
  const Well well_;
  std::mutex mutex_;
  std::uint64_t last_ticket_ = 0;
  // Shared with the permits, which may outlive this.
  std::shared_ptr<std::atomic<std::size_t>> admitted_ = std::make_shared<std::atomic<std::size_t>>(0);
  bool beginning_ = false, again_ = false;  // begin_more() is at work; it was asked for meanwhile
  std::deque<GroupRef> turns_;  // groups with jobs that have not begun, the next one in front
  std::unordered_map<std::uint64_t, Place> under_way_;
};

}  // namespace exposee::api

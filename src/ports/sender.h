// The door to receivers: hand over attempts, get responses back. The real one is net/client (its own thread,
// kept-alive connections per target); tests and the simulator bring their own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/delivery.h"
#include "core/event.h"
#include "core/signature.h"
#include "core/url/url.h"

namespace exposee {

// Where and how to POST: a snapshot of an endpoint, replaced when the endpoint changes. Nothing of it changes
// but that it can be withdrawn.
struct Target {
  EndpointNumber endpoint;  // zero: no endpoint (never happens for deliveries)
  std::string owner;        // whose it is: owners never share a connection; empty: there is only one
  Url url;
  std::vector<SigningKey> keys;               // all of them sign, divided by one space
  std::chrono::milliseconds timeout{15'000};  // of the whole attempt, D7
  bool public_only = false;                   // to public addresses, whatever the settings open
  // Why nothing may be sent to it, whatever its address: what is stored breaks a rule of today, or cannot be
  // read. Each attempt then ends as Cause::blocked with these words. Empty: nothing is in the way.
  std::string blocked;

  // Once this has returned no attempt starts with this target: a job whose request has not left yet is given
  // back. For good; any thread.
  void withdraw() const { withdrawn_.store(true, std::memory_order_release); }
  bool is_withdrawn() const { return withdrawn_.load(std::memory_order_acquire); }

 private:
  mutable std::atomic<bool> withdrawn_{false};
};
using TargetRef = std::shared_ptr<const Target>;

// One POST to make. Its time (Target::timeout) begins when it starts.
// `ticket` comes back with the response and means something to the sink alone.
struct SendJob {
  std::uint64_t ticket = 0;
  TargetRef target;
  std::string message_id;     // `webhook-id`, "msg_..."; when empty, `event->id` gives it
  std::uint32_t attempt = 1;  // `webhook-attempt`
  EventRef event;             // body and type
  // Starts once fewer than so many attempts at the target's endpoint are in flight, and waits until then
  // behind those that came before it. 0: it waits for none, and counts for none.
  std::uint32_t max_in_flight = 0;
  // The endpoint gets no other job before the outcome of one is known: then no response's body is waited for.
  bool takes_last_place = false;
};

enum class SendOutcome : std::uint8_t {
  answered,   // `response` says by what, or why not
  withdrawn,  // the target was, before a byte of the request left; `response` says nothing
  not_begun,  // this machine lacks something, as `response` says; not a byte left, and nothing is known of the
              // receiver
};

struct SendResult {
  std::uint64_t ticket = 0;
  Response response;
  SendOutcome outcome = SendOutcome::answered;
};

// Where responses go. Called on the sender's thread with everything that one turn of its loop brought.
class SendSink {
 public:
  virtual ~SendSink() = default;
  virtual void answered(std::vector<SendResult>&& results) = 0;
};

class Sender {
 public:
  virtual ~Sender() = default;
  // Any thread; never blocks. Every job is reported exactly once through `sink` (which outlives it), at the
  // latest when its deadline passes; one that waits for its turn, soon after it is withdrawn.
  virtual void send(std::vector<SendJob>&& jobs, SendSink& sink) = 0;
};

}  // namespace exposee

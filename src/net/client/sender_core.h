// What the sender does on its loop's thread: takes jobs, finds or opens a connection for each, watches
// deadlines, hands the responses of one pass on together. Owned by HttpSender.
#pragma once

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

#include "net/client/attempt.h"
#include "net/client/client_connection.h"
#include "net/client/deadlines.h"
#include "net/client/endpoint_queue.h"
#include "net/client/origin.h"
#include "net/client/request_head.h"
#include "net/client/sender.h"
#include "net/dial/address_gate.h"
#include "net/dial/resolver.h"
#include "net/dial/tls.h"

namespace exposee::net {

class SenderCore final : public ConnectionOwner {
 public:
  SenderCore(const Clock& clock, Random& random, const SenderOptions& options, Loop& loop,
             std::unique_ptr<Resolver> resolver, TlsContext tls);
  ~SenderCore();

  void send(SendJob&& job, SendSink& sink);
  void tick();
  void end_pass();
  void give_up_all();  // the sender ends: reports everything in hand, and what comes after at once

  AddressGate& gate() { return gate_; }
  // Connections made from now on; idle ones, which were judged by the rules before, end.
  void set_rules(AddressPolicy policy, TlsContext tls);
  const TlsContext& tls() const { return tls_; }
  std::size_t open_connections() const { return open_.load(std::memory_order_relaxed); }  // any thread

  void answered(ClientConnection& connection, Attempt& attempt, Response&& response, bool reusable) override;
  void failed(ClientConnection& connection, Attempt& attempt, Failure&& failure) override;
  void head_came(ClientConnection& connection, Attempt& attempt) override;
  void not_begun(ClientConnection& connection, Attempt& attempt, Failure&& failure) override;
  void wants_fresh(ClientConnection& connection, Attempt& attempt) override;
  void withdrawn(ClientConnection& connection, Attempt& attempt) override;
  void idle_ended(ClientConnection& connection) override;

 private:
  struct Batch {
    SendSink* sink;
    std::vector<SendResult> results;
  };

  std::unique_ptr<Attempt> new_attempt();
  TargetState& state_of(const TargetRef& target);
  void start(Attempt& attempt);
  void serve(EndpointQueue& queue);
  void serve_freed();
  void leave_line(Attempt& attempt);
  void place(Attempt& attempt);
  void note_unsent(Attempt& attempt);
  bool lacks_trust(const Attempt& attempt) const;
  void wait_for_trust(Attempt& attempt);
  void trust_read(bool there);
  bool make_room();
  void open_for(Attempt& attempt);
  void serve_waiting();
  void finish(Attempt& attempt, Response&& response, SendOutcome outcome = SendOutcome::answered);
  void report(Attempt& attempt, Response&& response, SendOutcome outcome);
  void report_early(Attempt& attempt);
  bool place_is_wanted(const Attempt& attempt) const;
  void check_bodies();
  void give_back(Attempt& attempt) { finish(attempt, {}, SendOutcome::withdrawn); }
  Response failed_response(Failure&& failure) const;
  Response shut_down() const;
  void drop(ClientConnection& connection);
  void check_unsent();
  void give_up(Attempt& attempt);
  Attempt* any_in_hand();
  void check_idle();
  void forget_targets();
  void schedule_tick();
  std::vector<SendResult>& batch_of(SendSink& sink);

  const SenderOptions& options_;
  Loop& loop_;
  AddressGate gate_;
  std::unique_ptr<Resolver> resolver_;
  TlsContext tls_;
  RequestHeads heads_;
  ClientShared shared_;
  Origins origins_;
  EndpointQueues queues_;
  std::vector<EndpointQueue*> freed_;  // to be served before the pass ends
  std::unordered_map<const Target*, TargetState>
      targets_;  // each keeps its target, so no address comes twice
  AttemptsInHand not_begun_;
  Deadlines under_way_;
  AttemptList<&Attempt::unsent> unsent_;
  WaitingAttempts waiting_;                    // for a free connection
  WaitingAttempts without_trust_;              // until the system's certificates are read
  bool reading_trust_ = false;
  AttemptList<&Attempt::response_body> bodies_;  // that are still coming, in the order of their heads
  std::vector<std::unique_ptr<Attempt>> spare_attempts_;
  std::vector<std::unique_ptr<ClientConnection>> connections_;
  std::vector<std::unique_ptr<ClientConnection>>
      dropped_;  // freed at the end of the pass: they may be calling us
  std::vector<Batch> batches_;
  std::size_t usual_batch_ = 0;  // responses of the last pass: so many come again
  bool ended_ = false;           // no more attempts
  MonoTime unsent_checked_;
  MonoTime idle_checked_;
  MonoTime targets_checked_;
  std::atomic<std::size_t> open_{0};
};

}  // namespace exposee::net

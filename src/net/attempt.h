// One attempt on its way: the job, its deadline, and what is known so far. Owned by SenderCore; lent to the
// ClientConnection that carries it. Sender's thread.
#pragma once

#include <boost/intrusive/list_hook.hpp>
#include <string>

#include "net/loop.h"
#include "ports/sender.h"

namespace exposee::net {

class ClientConnection;
struct Line;
struct Site;

// What is prepared once for a target and used by all its attempts.
struct TargetState {
  TargetRef target;
  Site* site = nullptr;
  Line* line = nullptr;
  std::string head;  // request_head.h target_head()
};

using WaitingHook =
    boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

struct Attempt {
  boost::intrusive::list_member_hook<> in_hand;  // SenderCore: every attempt not yet answered
  WaitingHook waiting;                           // SenderCore: for its turn, then for a free connection

  SendJob job;
  SendSink* sink = nullptr;
  TargetState* target = nullptr;
  ClientConnection* connection = nullptr;  // that carries it or opens for it; null while waiting
  bool under_way = false;                  // has had its turn in its line
  Instant started_at;
  MonoTime started;
  MonoTime deadline;
  AttemptTiming timing;
  bool sent_again = false;  // was on a kept-alive connection that broke, and got a fresh one
  std::string head;         // empty until the request is about to leave

  const std::string& body() const { return job.event->body; }
  bool is_withdrawn() const { return job.target->is_withdrawn(); }
};

}  // namespace exposee::net

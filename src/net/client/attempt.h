// One attempt on its way: the job, its deadline, and what is known so far. Owned by SenderCore; lent to the
// ClientConnection that carries it. Sender's thread.
#pragma once

#include <boost/intrusive/list.hpp>
#include <string>

#include "net/loop/loop.h"
#include "ports/sender.h"

namespace exposee::net {

class ClientConnection;
struct EndpointQueue;
struct Origin;

// What is prepared once for a target and used by all its attempts.
struct TargetState {
  TargetRef target;
  Origin* origin = nullptr;
  EndpointQueue* queue = nullptr;
  std::string head;  // request_head.h target_head()
};

using AttemptHook =
    boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// The hooks are SenderCore's.
struct Attempt {
  AttemptHook in_hand;      // from the beginning to the response
  AttemptHook waiting;      // for its turn, then for a free connection
  AttemptHook unsent;       // waiting, or its connection is being opened
  AttemptHook response_body;  // the response's head is there, its body is not

  SendJob job;
  SendSink* sink = nullptr;
  TargetState* target = nullptr;
  ClientConnection* connection = nullptr;  // that carries it or opens for it; null while waiting
  bool counted = false;                    // by its queue, as under way
  Instant started_at;
  MonoTime started;
  MonoTime deadline;
  AttemptTiming timing;
  bool sent_again = false;  // was on a kept-alive connection that broke, and got a fresh one
  MonoTime head_at;         // when the response's head came, if its body did not come with it
  bool reported = false;    // its outcome was, before the body came
  std::string head;         // empty until the request is about to leave

  const std::string& body() const { return job.event->body; }
  bool is_withdrawn() const { return job.target->is_withdrawn(); }
};

// An attempt leaves by itself when the hook is unlinked.
template <AttemptHook Attempt::* Hook>
using AttemptList = boost::intrusive::list<Attempt, boost::intrusive::member_hook<Attempt, AttemptHook, Hook>,
                                           boost::intrusive::constant_time_size<false>>;

}  // namespace exposee::net

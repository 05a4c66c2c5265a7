// One call in hand, and what its handler may use. A handler runs on the server's thread and must not block:
// it answers at once, or moves what it needs into a command, a read or a test delivery that answers later.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/access/registry_view.h"
#include "api/options.h"
#include "api/test_deliveries.h"
#include "api/wire/replier.h"
#include "api/wire/read_pool.h"
#include "engine/commands.h"
#include "http/message.h"
#include "observe/metrics.h"
#include "ports/clock.h"
#include "ports/random.h"
#include "ports/readiness.h"

namespace exposee::api {

class Access;             // access.h
class Documents;          // documents.h
class SubscriptionCache;  // subscriptions.h

// The doors and helpers of the API; lives as long as Api.
struct Context {
  engine::CommandSink& commands;
  Clock& clock;
  Random& random;
  const ApiOptions& options;
  const Access& access;
  ReadPool& reads;
  TestDeliveries& test_deliveries;
  Documents& documents;
  SubscriptionCache& subscriptions;
  CallObserver& calls;
  const Readiness& readiness;
  const observe::MetricsSource& metrics;
};

// How a family of calls says that something went wrong.
enum class Family : std::uint8_t {
  contract,  // {"detail": ...}
  v1,        // RFC 9457 application/problem+json
};

struct Call {
  Context& context;
  http::Request& request;  // of which a handler may take what it needs beyond its return
  std::string parameter;  // the decoded {…} of the path; no template has more than one
  Family family = Family::contract;
  bool foreign_page = false;  // a page of another origin makes it (access.h)
  Replier answer;
  RegistryDoor registry;  // what this caller may know of it
};

using Handler = void (*)(Call& call);

// Runs `work` on a reading thread. When that cannot be, answers in the words of the call's family, and `work`
// never runs.
void read_later(Call& call, std::function<void(Reader&, const Replier&)> work);

// The same for work that needs no store.
void compute_later(Call& call, std::function<void(const Replier&)> work, Weight weight = Weight::heavy);

// Goes on, on a reading thread, with something whose number is bounded elsewhere: from any thread. Only when
// the server ends `work` does not run, and `answer` says so.
void go_on_later(Context& context, const Replier& answer, Weight weight, std::function<void()> work);

// A further step of a read, likewise.
void go_on_reading(Context& context, const Replier& answer, std::function<void(Reader&)> work);

// The reply to a failed read: 507 or 503.
engine::Reply store_trouble(Family family, const Error& error);

// A fresh id for an event that is sent but not stored.
EventId fresh_event_id(Context& context);

}  // namespace exposee::api

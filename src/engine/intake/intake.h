// Decides the commands of one turn and renders what each is answered. It leaves the commands as they are, and
// nothing it decides is final before the engine has written it: the same may be decided again. Engine's thread
// only; owned by the engine.
#pragma once

#include <chrono>
#include <vector>

#include "engine/commands.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/housekeeping.h"
#include "engine/intake/deferrals.h"
#include "engine/intake/findings.h"
#include "engine/registry.h"
#include "engine/settings.h"
#include "engine/turn/store_health.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace exposee::engine {

// What one turn has decided, beside the registry's own changes. Its memory is used again by the next one.
struct TurnDraft {
  struct NewEvent {
    EventRef event;
    Subscribers owed_to;
  };
  struct Retried {
    DeliveryRow row;
    bool newly_owed;  // it was final before
  };
  std::vector<NewEvent> events;
  std::vector<EventRef> event_rows;  // the same events, as the store takes them
  std::vector<DeliveryRow> rows;     // of deliveries, to be written, in this order
  std::vector<Hold> holds;           // to be written
  std::vector<FailingDaysRow> failing;  // to be written
  std::vector<KeyClaim> claims;      // likewise
  std::vector<Document> documents;   // likewise
  std::vector<Retried> retried;
  std::vector<EndpointNumber> resumed;   // to be tried now: asked for by hand
  std::vector<EndpointNumber> returned;  // a test shows that they are well
  std::vector<Dispatcher::Forward> forwarded;  // lanes catch up by these; their rows are among `rows`
  std::uint32_t overflowed = 0;  // deliveries that this turn accepts and no lane takes
  std::vector<ChangeNote> changes;       // of the registry, for those who watch
  std::vector<Reply> replies;            // one per command, in order
  struct Deferred {
    std::size_t command;  // its place among the turn's
    EndpointNumber endpoint;
  };
  std::vector<Deferred> deferred;  // they wait for rows of the endpoint to end: decided in a later turn

  void clear();
};

class Intake {
 public:
  Intake(const EngineSettings& settings, Registry& registry, Random& random, const Dispatcher& dispatcher,
         Housekeeping& housekeeping, const Deferrals& deferrals, const StoreHealth& health)
      : settings_(settings),
        registry_(registry),
        random_(random),
        dispatcher_(dispatcher),
        housekeeping_(housekeeping),
        deferrals_(deferrals),
        health_(health) {}

  // After a start: the last event that there is.
  void resume_after(EventSeq last) { last_event_ = last; }
  EventSeq last_event() const { return last_event_; }  // that is on disk
  // A turn begins, or is decided again: what was decided is forgotten.
  void begin(Instant now);
  // Disables an endpoint because of what it answered.
  void disable(EndpointNumber number, std::string reason);
  // Notes that every attempt has failed since then, or (nothing) that it is well again.
  void note_failing(EndpointNumber number, std::optional<Instant> since);
  // What the commands need to know, and what they find.
  Findings& findings() { return findings_; }
  // Decides them all, in order.
  void run(const std::vector<Command>& commands);
  // The draft is on disk.
  void settle();
  // What was decided and found is of no use any more.
  void clear();

  TurnDraft& draft() { return draft_; }

 private:
  EndpointNumber must_wait(const Command& command) const;
  EndpointNumber waits_for_rows(EndpointNumber number, bool enables) const;

  template <class C>
  Reply answer(const C& command);
  Reply answer(const PublishBatch& batch);
  Reply answer(const Inspect&) { return {}; }
  Reply answer(const ReceiversResponded& receivers);
  template <class C, class T>
  Reply answer_claimed(const C& command, const ReplyTo<T>& reply);

  Outcome<Published> decide(const PublishEvent& command);
  Outcome<Registered> decide(const RegisterWebhook& command);
  Outcome<std::monostate> decide(const UnregisterWebhook& command);
  Outcome<EventType> decide(const DeclareType& command);
  Outcome<std::monostate> decide(const RemoveType& command);
  Outcome<Registered> decide(const CreateEndpoint& command);
  Outcome<Registered> decide(const UpdateEndpoint& command);
  Outcome<std::monostate> decide(const RemoveEndpoint& command);
  Outcome<DeliveryRow> decide(const RetryDelivery& command);
  void resume(EndpointNumber number);

  std::optional<Refused> refuse_unmet(const std::vector<Precondition>& preconditions) const;
  void put(const std::vector<Document>& documents);
  Published accept(const EventType& type, std::string_view data);
  Registered add_endpoint(Endpoint endpoint, std::vector<std::string> patterns);
  Registered change(Endpoint endpoint);
  void note(RegistryChange what, std::shared_ptr<const Endpoint> endpoint, const Requester& by,
            std::string type = {});
  std::vector<PatternEntry> stamp(std::vector<std::string> patterns,
                                  const std::vector<PatternEntry>& before) const;

  const EngineSettings& settings_;
  Registry& registry_;
  Random& random_;
  const Dispatcher& dispatcher_;
  Housekeeping& housekeeping_;
  const Deferrals& deferrals_;
  const StoreHealth& health_;
  TurnDraft draft_;
  Findings findings_;  // of this turn
  EventSeq last_event_;
  EventSeq last_;  // of the draft, or before it
  Instant now_;
  IsoChars now_text_{};  // of now_, which every event of the turn tells
};

}  // namespace exposee::engine

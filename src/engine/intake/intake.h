// Carries out the commands of one turn inside the store's open transaction and renders what each is answered.
// Nothing it decides is final before the engine has committed. Engine's thread only; owned by the engine.
#pragma once

#include <chrono>
#include <vector>

#include "engine/commands.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/registry.h"
#include "engine/settings.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace exposee::engine {

constexpr std::uint64_t kCancelStep = 1000;  // rows turned per statement: bounds the time of a turn

// What the commands of one turn decided, beside the registry's own changes.
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
  std::vector<Retried> retried;
  std::vector<EndpointNumber> resumed;   // worth trying at once, somebody says
  std::vector<EndpointNumber> returned;  // a test shows that they are well
  std::vector<ChangeNote> changes;       // of the registry, for those who watch
  std::vector<Reply> replies;            // one per command, in order

  void clear();
};

class Intake {
 public:
  Intake(const EngineSettings& settings, Registry& registry, Store& store, Random& random,
         const Dispatcher& dispatcher)
      : settings_(settings), registry_(registry), store_(store), random_(random), dispatcher_(dispatcher) {}

  // The next event gets the number after `last`. An error is the store's: the whole turn is void.
  Result<void> run(std::vector<Command>& commands, EventSeq last, Instant now, TurnDraft& draft);

  // Disables an endpoint because of what it answered. Part of the same transaction.
  Result<void> disable(EndpointNumber number, std::string reason, Instant now);
  // Notes that every attempt has failed since then, or (nothing) that it is well again. Part of the same
  // transaction.
  Result<void> note_failing(EndpointNumber number, std::optional<Instant> since, Instant now);

 private:
  template <class C>
  Result<Reply> answer(C& command);
  Result<Reply> answer(PublishBatch& batch);
  Result<Reply> answer(Inspect&) { return Reply{}; }
  Result<Reply> answer(ReceiversResponded& receivers);
  template <class C, class T>
  Result<Reply> answer_claimed(C& command, const ReplyTo<T>& reply);

  // Each decides one command. The outer Result is the store's, the inner Outcome the command's.
  Result<Outcome<Published>> decide(PublishEvent& command);
  Result<Outcome<Registered>> decide(RegisterWebhook& command);
  Result<Outcome<std::monostate>> decide(UnregisterWebhook& command);
  Result<Outcome<EventType>> decide(DeclareType& command);
  Result<Outcome<std::monostate>> decide(RemoveType& command);
  Result<Outcome<Registered>> decide(CreateEndpoint& command);
  Result<Outcome<Registered>> decide(UpdateEndpoint& command);
  Result<Outcome<std::monostate>> decide(RemoveEndpoint& command);
  Result<Outcome<DeliveryRow>> decide(RetryDelivery& command);
  Result<void> resume(EndpointNumber number);

  Result<std::optional<Refused>> apply(const std::monostate&);
  Result<std::optional<Refused>> apply(const NewUser& effect);
  Result<std::optional<Refused>> apply(const NewMessage& effect);
  Published accept(const EventType& type, std::string_view data);
  Result<Registered> add_endpoint(Endpoint endpoint, std::vector<std::string> patterns);
  Result<Registered> change(Endpoint endpoint);
  Result<void> cancel_all(EndpointNumber number);
  void note(RegistryChange what, std::shared_ptr<const Endpoint> endpoint, Requester& by,
            std::string type = {});
  std::vector<PatternEntry> stamp(std::vector<std::string> patterns,
                                  const std::vector<PatternEntry>& before) const;

  const EngineSettings& settings_;
  Registry& registry_;
  Store& store_;
  Random& random_;
  const Dispatcher& dispatcher_;
  TurnDraft* draft_ = nullptr;
  EventSeq last_;
  Instant now_;
  IsoChars now_text_{};  // of now_, which every event of the turn tells
};

}  // namespace exposee::engine

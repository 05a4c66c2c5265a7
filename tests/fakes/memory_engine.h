// An engine without turns, lanes and disk: it carries every command out at once, in memory, on the caller's
// thread, by the rules of engine/commands.h, and opens readers over what it keeps. For testing what calls
// mean. The readers it opens may be used by other threads as long as no command runs meanwhile.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/event_type.h"
#include "core/signature.h"
#include "engine/commands.h"
#include "ports/clock.h"
#include "ports/random.h"

namespace exposee::fakes {

class MemoryEngine final : public engine::CommandSink,
                           public engine::RegistrySource,
                           public ReaderSource,
                           public engine::EngineView {
 public:
  MemoryEngine(Clock& clock, Random& random) : clock_(clock), random_(random) {
    add_type("user_registered", "");
    add_type("user_send_message", "");
  }

  // From now on every command is refused with this, as a full disk or a long backlog would.
  void refuse_all(std::optional<engine::Refusal> why) { refuse_all_ = why; }
  // From now on every event is refused that is not the repetition of an earlier one.
  void overload(bool is) { overloaded_ = is; }
  // From now on no reader can be had.
  void lose_readers() { readers_lost_ = true; }
  // The list of users cannot be read on from a number that is not below this one.
  void break_users_after(std::uint64_t number) { broken_after_ = number; }

  void submit(engine::Command&& command) override {
    std::visit([this](auto& c) { carry_out(c); }, command);
  }
  std::shared_ptr<const engine::RegistrySnapshot> registry() const override {
    return std::make_shared<const engine::RegistrySnapshot>(registry_);
  }
  Result<std::unique_ptr<Reader>> open_reader() override;
  bool in_flight(const DeliveryKey& key) const override { return flying.contains(key); }
  BreakerState breaker(EndpointNumber endpoint) const override {
    const auto found = breakers.find(endpoint);
    return found == breakers.end() ? BreakerState::closed : found->second;
  }

  std::optional<Instant> held_until(EndpointNumber endpoint) const override {
    const auto found = holds.find(endpoint);
    return found == holds.end() ? std::nullopt : std::optional(found->second);
  }
  engine::Waiting waiting(const DeliveryRow& row, Instant now) const override {
    if (in_flight(row.key)) return {engine::WaitReason::in_flight, std::nullopt};
    const auto found = waits.find(row.key);
    if (found != waits.end()) return found->second;
    return {engine::WaitReason::schedule, std::max(row.due.value_or(now), now)};
  }

  std::set<EndpointNumber> well;                    // of which a test said so
  std::map<EndpointNumber, Instant> holds;          // what Inspect says of holds
  std::map<DeliveryKey, engine::Waiting> waits;     // and of what waits; by schedule if not in it
  std::set<DeliveryKey> flying;                     // what Inspect says is in flight
  std::map<EndpointNumber, BreakerState> breakers;  // and of breakers; closed if not in it
  std::vector<EventRef> events;                     // accepted
  std::vector<DeliveryView> deliveries;             // in any order; tests add and change them
  std::map<DeliveryKey, std::vector<AttemptRow>> attempts;
  std::vector<UserRow> users;
  std::vector<MessageRow> messages;

 private:
  class MemoryReader;
  using Refusal = engine::Refusal;

  template <class C>
  void carry_out(C& command) {
    auto claimed = claimed_reply(command);
    command.reply.deliver(claimed ? std::move(*claimed) : fresh_reply(command));
  }
  void carry_out(engine::Inspect& command) { command.look(*this); }
  void carry_out(engine::ReceiversResponded& receivers) {
    well.insert(receivers.endpoints.begin(), receivers.endpoints.end());
  }
  void carry_out(engine::PublishBatch& batch) {
    if (refuse_all_) return batch.deliver(batch.refuse(engine::Refused{*refuse_all_, {}}));
    std::vector<engine::Reply> replies;
    for (auto& item : batch.items) {
      auto claimed = claimed_reply(item);
      replies.push_back(claimed ? std::move(*claimed) : fresh_reply(item));
    }
    batch.deliver(batch.combine(std::move(replies)));
  }

  template <class C>
  engine::Reply fresh_reply(C& command) {
    using Out = decltype(decide(command));
    const Out outcome = refuse_all_ ? Out(refuse(*refuse_all_)) : decide(command);
    auto reply = command.reply.render(outcome);
    if constexpr (requires { command.claim; }) {
      if (outcome && !command.claim.key.empty()) {
        replies_[command.claim.key] = {command.claim.fingerprint, reply.status, {}, reply.body};
      }
    }
    return reply;
  }

  template <class C>
  std::optional<engine::Reply> claimed_reply(C& command) {
    if constexpr (requires { command.claim; }) {
      const auto found = replies_.find(command.claim.key);
      if (found == replies_.end()) return std::nullopt;
      const auto& stored = found->second;
      if (stored.fingerprint != command.claim.fingerprint)
        return command.reply.render(refuse(Refusal::key_reused));
      return engine::Reply{.status = stored.status, .body = stored.body, .replayed = true};
    }
    return std::nullopt;
  }

  static std::unexpected<engine::Refused> refuse(Refusal why, std::string detail = {}) {
    return std::unexpected(engine::Refused{why, std::move(detail)});
  }

  engine::Outcome<engine::Published> decide(engine::PublishEvent& command);
  engine::Outcome<engine::Registered> decide(engine::RegisterWebhook& command);
  engine::Outcome<std::monostate> decide(engine::UnregisterWebhook& command);
  engine::Outcome<EventType> decide(engine::DeclareType& command);
  engine::Outcome<std::monostate> decide(engine::RemoveType& command);
  engine::Outcome<engine::Registered> decide(engine::CreateEndpoint& command);
  engine::Outcome<engine::Registered> decide(engine::UpdateEndpoint& command);
  engine::Outcome<std::monostate> decide(engine::RemoveEndpoint& command);
  engine::Outcome<DeliveryRow> decide(engine::RetryDelivery& command);

  void put(const Document& document);
  bool has_user(std::string_view name) const;

  EventType add_type(std::string name, std::string description);
  EventType put_type(EventType type);  // into the list it belongs to
  engine::Registered add_endpoint(Endpoint endpoint, std::vector<std::string> patterns);
  engine::Registered replace(Endpoint endpoint);
  std::vector<PatternEntry> stamp(std::vector<std::string> patterns);
  std::array<std::uint8_t, 10> noise();

  Clock& clock_;
  Random& random_;
  engine::RegistrySnapshot registry_;
  std::map<std::string, StoredReply> replies_;
  std::optional<Refusal> refuse_all_;
  std::uint64_t endpoint_count_ = 0;
  bool overloaded_ = false;
  bool readers_lost_ = false;
  std::optional<std::uint64_t> broken_after_;
};

inline bool is_covered(const Endpoint& endpoint, std::string_view type_name) {
  return std::ranges::any_of(endpoint.events, [&](const auto& e) { return matches(e.pattern, type_name); });
}

inline Error not_found() {
  return {ErrorCode::not_found, "not found", {}};
}
inline Error broken() {
  return {ErrorCode::unavailable, "the store is away", {}};
}

inline std::array<std::uint8_t, 10> MemoryEngine::noise() {
  std::array<std::uint8_t, 10> bytes;
  random_.fill(bytes);
  return bytes;
}

inline std::vector<PatternEntry> MemoryEngine::stamp(std::vector<std::string> patterns) {
  std::vector<PatternEntry> entries;
  ++registry_.version.value;
  for (auto& pattern : patterns) entries.push_back({std::move(pattern), registry_.version});
  return entries;
}

inline engine::Registered MemoryEngine::add_endpoint(Endpoint endpoint, std::vector<std::string> patterns) {
  endpoint.number = EndpointNumber{++endpoint_count_};
  endpoint.id = EndpointId{uuid_v7(clock_.now(), noise())};
  endpoint.events = stamp(std::move(patterns));
  endpoint.created_at = endpoint.updated_at = clock_.now();
  if (endpoint.secret.empty()) {
    std::array<std::uint8_t, kSecretBytes> bytes;
    random_.fill(bytes);
    endpoint.secret = secret_text(bytes);
  }
  auto shared = std::make_shared<const Endpoint>(std::move(endpoint));
  registry_.numbers.add(shared->id, shared->number);
  registry_.url_numbers.add(engine::hash_of_url(shared->url), shared->number);
  registry_.endpoints.put(shared);
  return {shared, true};
}

inline engine::Registered MemoryEngine::replace(Endpoint endpoint) {
  endpoint.updated_at = clock_.now();
  auto shared = std::make_shared<const Endpoint>(std::move(endpoint));
  registry_.endpoints.put(shared);
  return {shared, false};
}

inline engine::Outcome<engine::Published> MemoryEngine::decide(engine::PublishEvent& command) {
  const auto* type = registry_.type_named(command.type_name);
  if (!type) return refuse(Refusal::unknown_type, command.type_name);
  if (overloaded_) return refuse(Refusal::overloaded);
  for (const auto& each : command.preconditions) {
    if (has_user(each.key) != each.exists) return std::unexpected(engine::Refused{Refusal::unmet, {}, each.number});
  }
  for (const auto& document : command.documents) put(document);
  auto event = std::make_shared<Event>();
  event->seq = EventSeq{events.size() + 1};
  event->id = EventId{uuid_v7(clock_.now(), noise())};
  event->type = type->number;
  event->accepted_at = clock_.now();
  event->type_name = type->name;
  event->body = event_body(type->name, command.data, event->id, iso_chars(clock_.now()));
  const auto owed = registry_.subscribed_to(type->name);
  for (const auto* endpoint : owed) {
    DeliveryView view{
        .row = {.key = {event->seq, endpoint->number}}, .event_id = event->id, .type = type->number};
    view.created_at = clock_.now();
    deliveries.push_back(view);
  }
  events.push_back(event);
  return engine::Published{event->id, event->seq, type->name, iso_chars(clock_.now()),
                           static_cast<std::uint32_t>(owed.size())};
}

inline bool MemoryEngine::has_user(std::string_view name) const {
  return std::ranges::find(users, name, &UserRow::name) != users.end();
}

inline void MemoryEngine::put(const Document& document) {
  if (const auto* user = std::get_if<UserRow>(&document)) users.push_back(*user);
  if (const auto* message = std::get_if<MessageRow>(&document)) messages.push_back(*message);
}

inline engine::Outcome<engine::Registered> MemoryEngine::decide(engine::RegisterWebhook& command) {
  if (!registry_.type_named(command.type_name)) return refuse(Refusal::unknown_type);
  const auto* known = registry_.endpoint_at(command.url.text);
  if (!known)
    return add_endpoint(Endpoint{.url = command.url.text, .settings = {.public_only = command.foreign_page}},
                        {command.type_name});
  if (is_covered(*known, command.type_name)) {
    if (known->settings.public_only && !command.foreign_page)
      return refuse(Refusal::registered_public_only, known->id.text());
    return refuse(Refusal::already_registered, engine::disabled_words(*known));
  }
  auto changed = *known;
  if (!command.foreign_page) changed.settings.public_only = false;
  changed.events.push_back(stamp({command.type_name}).front());
  return replace(std::move(changed));
}

inline engine::Outcome<std::monostate> MemoryEngine::decide(engine::UnregisterWebhook& command) {
  if (!registry_.type_named(command.type_name)) return refuse(Refusal::unknown_type);
  const auto* known = registry_.endpoint_at(command.url);
  if (!known || !is_covered(*known, command.type_name)) return refuse(Refusal::not_registered);
  auto changed = *known;
  std::erase_if(changed.events, [&](const auto& e) { return e.pattern == command.type_name; });
  if (is_covered(changed, command.type_name))
    return refuse(Refusal::not_registered, "through a wider pattern");
  if (changed.events.empty()) changed.removed_at = clock_.now();
  replace(std::move(changed));
  return std::monostate{};
}

inline engine::Outcome<engine::Registered> MemoryEngine::decide(engine::CreateEndpoint& command) {
  if (const auto* known = registry_.endpoint_at(command.url.text))
    return refuse(Refusal::url_taken, known->id.text());
  Endpoint endpoint{.url = command.url.text, .secret = command.secret, .settings = command.settings};
  return add_endpoint(std::move(endpoint), command.patterns);
}

inline engine::Outcome<engine::Registered> MemoryEngine::decide(engine::UpdateEndpoint& command) {
  const auto* known = registry_.endpoint_with(command.id);
  if (!known) return refuse(Refusal::unknown_endpoint);
  if (command.only_if && !command.only_if(*known)) return refuse(Refusal::changed);
  auto changed = *known;
  if (command.patterns) changed.events = stamp(*command.patterns);
  command.settings.apply_to(changed.settings);
  if (command.disabled) changed.disabled_reason = *command.disabled ? "disabled by hand" : "";
  return replace(std::move(changed));
}

inline engine::Outcome<std::monostate> MemoryEngine::decide(engine::RemoveEndpoint& command) {
  const auto* known = registry_.endpoint_with(command.id);
  if (!known) return refuse(Refusal::unknown_endpoint);
  if (command.only_if && !command.only_if(*known)) return refuse(Refusal::changed);
  auto changed = *known;
  changed.removed_at = clock_.now();
  replace(std::move(changed));
  return std::monostate{};
}

inline engine::Outcome<DeliveryRow> MemoryEngine::decide(engine::RetryDelivery& command) {
  const auto view =
      std::ranges::find(deliveries, command.key, [](const DeliveryView& v) { return v.row.key; });
  if (view == deliveries.end()) return refuse(Refusal::unknown_delivery);
  const auto& endpoint = *registry_.endpoint_numbered(command.key.endpoint);
  if (endpoint.removed_at) return refuse(Refusal::endpoint_removed);
  if (!endpoint.disabled_reason.empty()) return refuse(Refusal::endpoint_disabled, endpoint.disabled_reason);
  if (endpoint.settings.paused) return refuse(Refusal::endpoint_paused);
  if (view->row.by_hand >= 1'000)
    return refuse(Refusal::too_many_retries, "It was retried by hand 1000 times already");
  ++view->row.by_hand;
  view->row.status = DeliveryStatus::pending;
  view->row.manual = true;
  view->row.due = clock_.now();
  return view->row;
}

}  // namespace exposee::fakes

#include "fakes/memory_engine_reader.h"
#include "fakes/memory_engine_types.h"

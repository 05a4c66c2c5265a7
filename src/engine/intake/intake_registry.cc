// The commands that change the registry: event types, endpoints, registrations.
#include <algorithm>

#include "core/assert.h"
#include "core/event_type.h"
#include "core/signature.h"
#include "engine/intake/intake.h"
#include "engine/target.h"

namespace exposee::engine {
namespace {

std::unexpected<Refused> refuse(Refusal why, std::string detail = {}) {
  return std::unexpected(Refused{why, std::move(detail)});
}

bool is_covered(const Endpoint& endpoint, std::string_view type_name) {
  return std::ranges::any_of(endpoint.events, [&](const auto& e) { return matches(e.pattern, type_name); });
}

// Whoever asks believes that it is theirs: they are told what keeps events from coming.
std::unexpected<Refused> refuse_registered(const Endpoint& endpoint, bool foreign_page) {
  if (endpoint.settings.public_only && !foreign_page && endpoint.is_active())
    return refuse(Refusal::registered_public_only, endpoint.id.text());
  return refuse(Refusal::already_registered, disabled_words(endpoint));
}

RegistryChange kind_of_change(bool was_disabled, bool is_disabled) {
  if (was_disabled == is_disabled) return RegistryChange::endpoint_changed;
  return is_disabled ? RegistryChange::endpoint_disabled : RegistryChange::endpoint_enabled;
}

}  // namespace

Result<Outcome<Registered>> Intake::decide(RegisterWebhook& command) {
  using Out = Outcome<Registered>;
  if (!registry_.type_named(command.type_name)) return Out(refuse(Refusal::unknown_type));
  const auto* state = registry_.find_url(command.url.text);
  if (state && is_covered(*state->endpoint, command.type_name))
    return Out(refuse_registered(*state->endpoint, command.foreign_page));
  if (state) {
    auto endpoint = *state->endpoint;
    endpoint.events.push_back({command.type_name, registry_.next_version()});
    if (!command.foreign_page) endpoint.settings.public_only = false;
    auto changed = change(std::move(endpoint));
    if (!changed) return std::move(changed).error();
    note(RegistryChange::endpoint_changed, changed->endpoint, command.by, command.type_name);
    return Out(std::move(*changed));
  }
  if (registry_.endpoint_count() >= kMaxEndpoints)
    return Out(refuse(Refusal::too_many, "100000 endpoints at most"));
  auto added =
      add_endpoint(Endpoint{.url = command.url.text, .settings = {.public_only = command.foreign_page}},
                   {command.type_name});
  if (!added) return std::move(added).error();
  note(RegistryChange::endpoint_registered, added->endpoint, command.by, command.type_name);
  return Out(std::move(*added));
}

Result<Outcome<std::monostate>> Intake::decide(UnregisterWebhook& command) {
  using Out = Outcome<std::monostate>;
  if (!registry_.type_named(command.type_name)) return Out(refuse(Refusal::unknown_type));
  const auto* state = registry_.find_url(command.url);
  if (!state || !is_covered(*state->endpoint, command.type_name)) return Out(refuse(Refusal::not_registered));
  auto endpoint = *state->endpoint;
  const auto gone =
      std::erase_if(endpoint.events, [&](const auto& e) { return e.pattern == command.type_name; });
  if (gone == 0 || is_covered(endpoint, command.type_name)) {
    return Out(refuse(Refusal::not_registered, "it is subscribed through a wider pattern of endpoint " +
                                                   endpoint.id.text() + "; change its events with PATCH"));
  }
  if (endpoint.events.empty()) endpoint.removed_at = now_;  // nothing is left that it was made for
  auto changed = change(std::move(endpoint));
  if (!changed) return std::move(changed).error();
  const bool removed = changed->endpoint->removed_at.has_value();
  note(removed ? RegistryChange::endpoint_removed : RegistryChange::endpoint_changed, changed->endpoint,
       command.by, command.type_name);
  return Out(std::monostate{});
}

Result<Outcome<EventType>> Intake::decide(DeclareType& command) {
  using Out = Outcome<EventType>;
  const auto* known = registry_.any_type_named(command.name);
  if (known && !known->removed_at) return Out(refuse(Refusal::type_exists));
  if (!known && registry_.types().size() >= kMaxEventTypes)
    return Out(refuse(Refusal::too_many, "1000 event types at most, the removed ones included"));
  EventType type{known ? known->number : registry_.next_type(), command.name, command.description, now_};
  EXPOSEE_TRY(known ? registry_.change_type(type, store_) : registry_.add_type(type, store_));
  note(RegistryChange::type_declared, nullptr, command.by, command.name);
  return Out(std::move(type));
}

Result<Outcome<std::monostate>> Intake::decide(RemoveType& command) {
  using Out = Outcome<std::monostate>;
  const auto* known = registry_.type_named(command.name);
  if (!known) return Out(refuse(Refusal::unknown_type));
  if (is_built_in(known->name)) return Out(refuse(Refusal::type_built_in));
  if (command.only_if && !command.only_if(*known))
    return Out(refuse(Refusal::changed, "The event type has changed since"));
  auto type = *known;
  type.removed_at = now_;
  EXPOSEE_TRY(registry_.change_type(std::move(type), store_));
  note(RegistryChange::type_removed, nullptr, command.by, command.name);
  return Out(std::monostate{});
}

Result<Outcome<Registered>> Intake::decide(CreateEndpoint& command) {
  using Out = Outcome<Registered>;
  if (const auto* state = registry_.find_url(command.url.text)) {
    return Out(refuse(Refusal::url_taken, state->endpoint->id.text()));
  }
  if (registry_.endpoint_count() >= kMaxEndpoints)
    return Out(refuse(Refusal::too_many, "100000 endpoints at most"));
  Endpoint endpoint{
      .url = command.url.text, .secret = command.secret, .settings = std::move(command.settings)};
  auto added = add_endpoint(std::move(endpoint), std::move(command.patterns));
  if (!added) return std::move(added).error();
  note(RegistryChange::endpoint_registered, added->endpoint, command.by);
  return Out(std::move(*added));
}

Result<Outcome<Registered>> Intake::decide(UpdateEndpoint& command) {
  using Out = Outcome<Registered>;
  const auto* state = registry_.find(command.id);
  if (!state) return Out(refuse(Refusal::unknown_endpoint));
  if (command.only_if && !command.only_if(*state->endpoint))
    return Out(refuse(Refusal::changed, "The endpoint has changed since"));
  if (command.disabled == false) {
    if (auto why = unreadable(*state->endpoint); !why.empty())
      return Out(refuse(Refusal::endpoint_disabled, why + "; remove the endpoint and create it anew"));
  }
  auto endpoint = *state->endpoint;
  if (command.patterns) endpoint.events = stamp(std::move(*command.patterns), state->endpoint->events);
  command.settings.apply_to(endpoint.settings);
  if (command.disabled && *command.disabled == endpoint.disabled_reason.empty()) {
    endpoint.disabled_reason = *command.disabled ? kDisabledByHand : std::string_view{};
    endpoint.disabled_at = *command.disabled ? std::optional(now_) : std::nullopt;
    endpoint.failing_since.reset();
  }
  const bool was_disabled = !state->endpoint->disabled_reason.empty();
  const bool is_disabled = !endpoint.disabled_reason.empty();
  const bool enabled = was_disabled && !is_disabled;
  if (enabled) EXPOSEE_TRY(cancel_all(endpoint.number));
  const bool goes_on = command.settings.sets(&EndpointSettings::paused, false);
  if (enabled || goes_on) EXPOSEE_TRY(resume(endpoint.number));
  auto changed = change(std::move(endpoint));
  if (!changed) return std::move(changed).error();
  note(kind_of_change(was_disabled, is_disabled), changed->endpoint, command.by);
  return Out(std::move(*changed));
}

// What was owed when the endpoint was disabled ends as cancelled, also if it is enabled before that was
// written.
Result<void> Intake::cancel_all(EndpointNumber number) {
  for (;;) {
    auto turned = store_.cancel_pending(number, kCancelStep, now_);
    if (!turned) return std::move(turned).error();
    if (*turned < kCancelStep) return {};
  }
}

Result<Outcome<std::monostate>> Intake::decide(RemoveEndpoint& command) {
  using Out = Outcome<std::monostate>;
  const auto* state = registry_.find(command.id);
  if (!state) return Out(refuse(Refusal::unknown_endpoint));
  if (command.only_if && !command.only_if(*state->endpoint))
    return Out(refuse(Refusal::changed, "The endpoint has changed since"));
  auto endpoint = *state->endpoint;
  endpoint.removed_at = now_;
  auto changed = change(std::move(endpoint));
  if (!changed) return std::move(changed).error();
  note(RegistryChange::endpoint_removed, changed->endpoint, command.by);
  return Out(std::monostate{});
}

void Intake::note(RegistryChange what, std::shared_ptr<const Endpoint> endpoint, Requester& by,
                  std::string type) {
  draft_->changes.push_back({what, std::move(endpoint), std::move(type), std::move(by)});
}

Result<void> Intake::disable(EndpointNumber number, std::string reason, Instant now) {
  now_ = now;
  const auto* state = registry_.find(number);
  if (!state->endpoint->is_active()) return {};
  auto endpoint = *state->endpoint;
  endpoint.disabled_reason = std::move(reason);
  endpoint.disabled_at = now;
  endpoint.failing_since.reset();
  auto changed = change(std::move(endpoint));
  if (!changed) return std::move(changed).error();
  return {};
}

Result<void> Intake::note_failing(EndpointNumber number, std::optional<Instant> since, Instant now) {
  now_ = now;
  auto endpoint = *registry_.find(number)->endpoint;
  if (!endpoint.is_active()) return {};
  endpoint.failing_since = since;
  auto changed = change(std::move(endpoint));
  if (!changed) return std::move(changed).error();
  return {};
}

Result<Registered> Intake::add_endpoint(Endpoint endpoint, std::vector<std::string> patterns) {
  std::array<std::uint8_t, 10> noise;
  random_.fill(noise);
  endpoint.number = registry_.next_endpoint();
  endpoint.id = EndpointId{uuid_v7(now_, noise)};
  endpoint.events = stamp(std::move(patterns), {});
  endpoint.created_at = endpoint.updated_at = now_;
  if (endpoint.secret.empty()) {
    std::array<std::uint8_t, kSecretBytes> bytes;
    random_.fill(bytes);
    endpoint.secret = secret_text(bytes);
  }
  const auto number = endpoint.number;
  EXPOSEE_TRY(registry_.add_endpoint(std::move(endpoint), store_));
  return Registered{registry_.find(number)->endpoint, true};
}

Result<Registered> Intake::change(Endpoint endpoint) {
  const auto number = endpoint.number;
  endpoint.updated_at = now_;
  if (draft_ && !endpoint.is_active()) {
    std::erase_if(draft_->retried, [&](const auto& retried) { return retried.row.key.endpoint == number; });
  }
  EXPOSEE_TRY(registry_.change_endpoint(std::move(endpoint), store_));
  return Registered{registry_.find(number)->endpoint, false};
}

// A pattern that stays keeps its place in the order of registration.
std::vector<PatternEntry> Intake::stamp(std::vector<std::string> patterns,
                                        const std::vector<PatternEntry>& before) const {
  std::vector<PatternEntry> stamped;
  for (auto& pattern : patterns) {
    const auto kept = std::ranges::find(before, pattern, &PatternEntry::pattern);
    const auto since = kept != before.end() ? kept->since : registry_.next_version();
    stamped.push_back({std::move(pattern), since});
  }
  return stamped;
}

}  // namespace exposee::engine

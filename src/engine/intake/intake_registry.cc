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

// The caller takes the endpoint for its own: the reply says what keeps events from coming.
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

Outcome<Registered> Intake::decide(const RegisterWebhook& command) {
  if (!registry_.type_named(command.type_name)) return refuse(Refusal::unknown_type);
  const auto* state = registry_.find_url(command.url.text);
  if (state && is_covered(*state->endpoint, command.type_name))
    return refuse_registered(*state->endpoint, command.foreign_page);
  if (state) {
    auto endpoint = *state->endpoint;
    endpoint.events.push_back({command.type_name, registry_.next_version()});
    if (!command.foreign_page) endpoint.settings.public_only = false;
    auto changed = change(std::move(endpoint));
    note(RegistryChange::endpoint_changed, changed.endpoint, command.by, command.type_name);
    return changed;
  }
  if (registry_.endpoint_count() >= kMaxEndpoints)
    return refuse(Refusal::too_many, "100000 endpoints at most");
  auto added =
      add_endpoint(Endpoint{.url = command.url.text, .settings = {.public_only = command.foreign_page}},
                   {command.type_name});
  note(RegistryChange::endpoint_registered, added.endpoint, command.by, command.type_name);
  return added;
}

Outcome<std::monostate> Intake::decide(const UnregisterWebhook& command) {
  if (!registry_.type_named(command.type_name)) return refuse(Refusal::unknown_type);
  const auto* state = registry_.find_url(command.url);
  if (!state || !is_covered(*state->endpoint, command.type_name)) return refuse(Refusal::not_registered);
  auto endpoint = *state->endpoint;
  const auto gone =
      std::erase_if(endpoint.events, [&](const auto& e) { return e.pattern == command.type_name; });
  if (gone == 0 || is_covered(endpoint, command.type_name)) {
    const auto id = endpoint.id.text();
    return refuse(Refusal::not_registered, "It is subscribed through a wider pattern: GET /v1/endpoints/" +
                                               id + " shows the endpoint's events, and PATCH changes them.");
  }
  if (endpoint.events.empty()) endpoint.removed_at = now_;  // nothing is left that it was made for
  const auto changed = change(std::move(endpoint));
  const bool removed = changed.endpoint->removed_at.has_value();
  note(removed ? RegistryChange::endpoint_removed : RegistryChange::endpoint_changed, changed.endpoint,
       command.by, command.type_name);
  return std::monostate{};
}

Outcome<EventType> Intake::decide(const DeclareType& command) {
  const auto* known = registry_.any_type_named(command.name);
  if (known && !known->removed_at) return refuse(Refusal::type_exists);
  if (!known && registry_.types().size() >= kMaxEventTypes)
    return refuse(Refusal::too_many, "1000 event types at most, the removed ones included");
  EventType type{known ? known->number : registry_.next_type(), command.name, command.description, now_};
  known ? registry_.change_type(type) : registry_.add_type(type);
  note(RegistryChange::type_declared, nullptr, command.by, command.name);
  return type;
}

Outcome<std::monostate> Intake::decide(const RemoveType& command) {
  const auto* known = registry_.type_named(command.name);
  if (!known) return refuse(Refusal::unknown_type);
  if (is_built_in(known->name)) return refuse(Refusal::type_built_in);
  if (command.only_if && !command.only_if(*known))
    return refuse(Refusal::changed, "The event type has changed since");
  auto type = *known;
  type.removed_at = now_;
  registry_.change_type(std::move(type));
  note(RegistryChange::type_removed, nullptr, command.by, command.name);
  return std::monostate{};
}

Outcome<Registered> Intake::decide(const CreateEndpoint& command) {
  if (const auto* state = registry_.find_url(command.url.text)) {
    return refuse(Refusal::url_taken, state->endpoint->id.text());
  }
  if (registry_.endpoint_count() >= kMaxEndpoints)
    return refuse(Refusal::too_many, "100000 endpoints at most");
  Endpoint endpoint{.url = command.url.text, .secret = command.secret, .settings = command.settings};
  auto added = add_endpoint(std::move(endpoint), command.patterns);
  note(RegistryChange::endpoint_registered, added.endpoint, command.by);
  return added;
}

Outcome<Registered> Intake::decide(const UpdateEndpoint& command) {
  const auto* state = registry_.find(command.id);
  if (!state) return refuse(Refusal::unknown_endpoint);
  if (command.only_if && !command.only_if(*state->endpoint))
    return refuse(Refusal::changed, "The endpoint has changed since");
  if (command.disabled == false) {
    if (auto why = unreadable(*state->endpoint); !why.empty())
      return refuse(Refusal::endpoint_disabled, why + "; remove the endpoint and create it anew");
    if (!state->endpoint->disabled_reason.empty() &&
        housekeeping_.must_cancel_first(state->endpoint->number, now_))
      return refuse(Refusal::store_away, "What it was owed when it was disabled cannot be ended yet");
  }
  auto endpoint = *state->endpoint;
  if (command.patterns) endpoint.events = stamp(*command.patterns, state->endpoint->events);
  command.settings.apply_to(endpoint.settings);
  if (command.disabled && *command.disabled == endpoint.disabled_reason.empty()) {
    endpoint.disabled_reason = *command.disabled ? kDisabledByHand : std::string_view{};
    endpoint.disabled_at = *command.disabled ? std::optional(now_) : std::nullopt;
    endpoint.failing_since.reset();
  }
  const bool was_disabled = !state->endpoint->disabled_reason.empty();
  const bool is_disabled = !endpoint.disabled_reason.empty();
  const bool enabled = was_disabled && !is_disabled;
  const bool goes_on = command.settings.sets(&EndpointSettings::paused, false);
  if (enabled || goes_on) resume(endpoint.number);
  auto changed = change(std::move(endpoint));
  note(kind_of_change(was_disabled, is_disabled), changed.endpoint, command.by);
  return changed;
}

Outcome<std::monostate> Intake::decide(const RemoveEndpoint& command) {
  const auto* state = registry_.find(command.id);
  if (!state) return refuse(Refusal::unknown_endpoint);
  if (command.only_if && !command.only_if(*state->endpoint))
    return refuse(Refusal::changed, "The endpoint has changed since");
  auto endpoint = *state->endpoint;
  endpoint.removed_at = now_;
  const auto changed = change(std::move(endpoint));
  note(RegistryChange::endpoint_removed, changed.endpoint, command.by);
  return std::monostate{};
}

void Intake::note(RegistryChange what, std::shared_ptr<const Endpoint> endpoint, const Requester& by,
                  std::string type) {
  draft_.changes.push_back({what, std::move(endpoint), std::move(type), by});
}

void Intake::disable(EndpointNumber number, std::string reason) {
  const auto* state = registry_.find(number);
  if (!state->endpoint->is_active()) return;
  auto endpoint = *state->endpoint;
  endpoint.disabled_reason = std::move(reason);
  endpoint.disabled_at = now_;
  endpoint.failing_since.reset();
  change(std::move(endpoint));
}

void Intake::note_failing(EndpointNumber number, std::optional<Instant> since) {
  auto endpoint = *registry_.find(number)->endpoint;
  if (!endpoint.is_active()) return;
  endpoint.failing_since = since;
  change(std::move(endpoint));
}

Registered Intake::add_endpoint(Endpoint endpoint, std::vector<std::string> patterns) {
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
  registry_.add_endpoint(std::move(endpoint));
  return {registry_.find(number)->endpoint, true};
}

Registered Intake::change(Endpoint endpoint) {
  const auto number = endpoint.number;
  endpoint.updated_at = now_;
  if (!endpoint.is_active()) {
    std::erase_if(draft_.retried, [&](const auto& retried) { return retried.row.key.endpoint == number; });
  }
  registry_.change_endpoint(std::move(endpoint));
  return {registry_.find(number)->endpoint, false};
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

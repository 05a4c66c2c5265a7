// The contract's registrations: POST and DELETE /webhook, GET /webhooks.
#include <fmt/format.h>

#include "api/access/receiver_url.h"
#include "api/contract/body.h"
#include "api/contract/types.h"
#include "api/handlers.h"
#include "api/wire/idempotency.h"
#include "api/wire/query.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

using engine::Refusal;
using engine::Reply;

struct Subscription {
  std::string event, url;
};

Reply event_not_found(const Subscription& wanted) {
  return contract_error(404, fmt::format("Event '{}' not found", wanted.event),
                        "GET /webhooks lists the events; POST /v1/event-types declares new ones.");
}

Reply registered_reply(const engine::Registered& registered, const Subscription& wanted) {
  JsonWriter json;
  json.begin_object().member("message", "Webhook registered successfully");
  json.member("url", wanted.url).member("event", wanted.event);
  json.member("endpoint_id", registered.endpoint->id.text());
  if (registered.created) json.member("secret", registered.endpoint->secret);
  return json_reply(200, json.end_object().take());
}

Reply render_registered(const engine::Outcome<engine::Registered>& outcome, const Subscription& wanted,
                        std::string_view key) {
  if (outcome) return registered_reply(*outcome, wanted);
  switch (outcome.error().why) {
    case Refusal::unknown_type:
      return event_not_found(wanted);
    case Refusal::already_registered:
      return contract_error(
          400, fmt::format("Webhook URL '{}' already exists for event '{}'", wanted.url, wanted.event),
          outcome.error().detail, outcome.error().detail.empty() ? "" : "endpoint_disabled");
    default:
      return contract_trouble(outcome.error(), key);
  }
}

Reply render_unregistered(const engine::Outcome<std::monostate>& outcome, const Subscription& wanted) {
  if (outcome) return {.status = 204};
  const auto& refused = outcome.error();
  switch (refused.why) {
    case Refusal::unknown_type:
      return event_not_found(wanted);
    case Refusal::not_registered:
      return contract_error(
          404, fmt::format("Webhook URL '{}' not found for event '{}'", wanted.url, wanted.event),
          refused.detail);
    default:
      return contract_trouble(refused, {});
  }
}

// What a list may hold: a `*` endpoint appears once for each event, so types times endpoints would not fit
// into memory long before either is at its limit.
constexpr std::size_t kMaxListBytes = std::size_t{64} << 20;

std::size_t url_bytes(const std::vector<ChosenType>& types) {
  std::size_t bytes = 0;
  for (const auto& type : types) {
    for (const auto* endpoint : type.endpoints) bytes += endpoint->url.size();
  }
  return bytes;
}

void write_event(JsonWriter& json, std::string_view event, const std::vector<const Endpoint*>& endpoints) {
  json.begin_object().member("event", event).key("urls").begin_array();
  for (const auto* endpoint : endpoints) json.value(endpoint->url);
  json.end_array().end_object();
}

Reply list_reply(const std::vector<ChosenType>& types) {
  if (url_bytes(types) > kMaxListBytes) {
    Faults faults;
    faults.add("value_error", "query", "event_filter",
               "Value error, the list of all events is too large; name one event", "null");
    return faults.reply();
  }
  JsonWriter json;
  json.begin_object().key("webhooks").begin_array();
  for (const auto& type : types) write_event(json, type.name, type.endpoints);
  return json_reply(200, json.end_array().end_object().take());
}

}  // namespace

void register_webhook(Call& call) {
  ContractBody body(call);
  auto event = body.event("event");
  auto url = body.url("url");
  if (url) {
    const auto why = refuse_receiver(call.context.options, *url, call.foreign_page);
    if (why) body.refuse("url", *why);
  }
  auto claim = contract_claim(call.request, "POST /webhook", body.faults());
  if (!body.ok()) return call.answer(body.faults().reply());

  engine::RegisterWebhook command{.type_name = *event, .url = *url, .claim = *std::move(claim)};
  command.by = requester_of(call.request);
  command.reply = reply_to<engine::Registered>(
      call.answer, [wanted = Subscription{*event, url->text}, key = idempotency_key(call.request)](
                       const auto& outcome) { return render_registered(outcome, wanted, key); });
  call.context.commands.submit(std::move(command));
}

// Whatever is listed can be removed: what is stored is looked up as it is written before any rule is asked,
// for it may have been registered under the rules of an earlier version.
void unregister_webhook(Call& call) {
  const auto registry = call.context.registry.registry();
  ContractBody body(call);
  const auto event = body.event("event");
  const auto url = body.listed_url("url", [&](std::string_view text) { return registry->endpoint_at(text); });
  if (!body.ok()) return call.answer(body.faults().reply());

  engine::UnregisterWebhook command{.type_name = *event, .url = *url};
  command.by = requester_of(call.request);
  command.reply =
      reply_to<std::monostate>(call.answer, [wanted = Subscription{*event, *url}](const auto& outcome) {
        return render_unregistered(outcome, wanted);
      });
  call.context.commands.submit(std::move(command));
}

void list_webhooks(Call& call) {
  compute_later(call, [&context = call.context,
                       filter = query_value(call.request.query(), "event_filter")](const Answerer& answer) {
    const auto subscriptions = context.subscriptions.of(context.registry.registry());
    const auto chosen = choose_types(*subscriptions, filter);
    answer(chosen ? list_reply(*chosen) : chosen.error());
  });
}

}  // namespace exposee::api

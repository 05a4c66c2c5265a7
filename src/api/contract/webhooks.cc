// The contract's registrations: POST and DELETE /webhook, GET /webhooks.
#include <fmt/format.h>

#include "api/access/receiver_url.h"
#include "api/contract/body.h"
#include "api/contract/types.h"
#include "api/resources.h"
#include "api/wire/idempotency.h"
#include "api/wire/query.h"
#include "core/event_type.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

using engine::Refusal;
using engine::Reply;

struct Subscription {
  std::string event, url;
};

constexpr std::string_view kListsEvents = "GET /webhooks lists the events.";

Reply event_not_found(const Subscription& wanted, std::string_view hint) {
  return contract_error(404, fmt::format("Event '{}' not found", wanted.event), hint);
}

// Identifiers beyond the letters a to z cannot be declared.
std::string declaring_words(std::string_view event) {
  if (!check_type_name(event)) return std::string(kListsEvents);
  return fmt::format("{} POST /v1/event-types {{\"name\": \"{}\"}} declares this one.", kListsEvents, event);
}

Reply already_exists(const Subscription& wanted, std::string_view hint, std::string_view code) {
  return contract_error(
      400, fmt::format("Webhook URL '{}' already exists for event '{}'", wanted.url, wanted.event), hint,
      code);
}

std::string public_only_words(std::string_view endpoint_id) {
  return fmt::format(
      "A web page of another origin registered it, so that it takes public receivers only. Open private ones"
      " with PATCH /v1/endpoints/{} {{\"public_only\": false}}.",
      endpoint_id);
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
      return event_not_found(wanted, declaring_words(wanted.event));
    case Refusal::already_registered:
      return already_exists(wanted, outcome.error().detail,
                            outcome.error().detail.empty() ? "" : "endpoint_disabled");
    case Refusal::registered_public_only:
      return already_exists(wanted, public_only_words(outcome.error().detail), "endpoint_public_only");
    default:
      return contract_trouble(outcome.error(), key);
  }
}

Reply render_unregistered(const engine::Outcome<std::monostate>& outcome, const Subscription& wanted) {
  if (outcome) return {.status = 204};
  const auto& refused = outcome.error();
  switch (refused.why) {
    case Refusal::unknown_type:
      return event_not_found(wanted, kListsEvents);
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

void register_webhook(Call& call) {
  ContractBody body(call);
  auto event = body.event("event");
  auto url = body.url("url");
  if (url) {
    const auto why = refuse_receiver(call.context.options, *url,
                                     call.foreign_page ? std::optional(PrivateRule::page) : std::nullopt);
    if (why) body.refuse("url", *why);
  }
  auto claim = contract_claim(call.request, "POST /webhook", body.faults());
  if (!body.ok()) return call.answer(body.faults().reply());

  engine::RegisterWebhook command{
      .type_name = *event, .url = *url, .foreign_page = call.foreign_page, .claim = *std::move(claim)};
  command.by = requester_of(call.request);
  command.reply = reply_to<engine::Registered>(
      call.answer, [wanted = Subscription{*event, url->text}, key = idempotency_key(call.request)](
                       const auto& outcome) { return render_registered(outcome, wanted, key); });
  call.context.commands.submit(std::move(command));
}

// Whatever is listed can be removed: what is stored is looked up as it is written before any rule is asked,
// for it may have been registered under the rules of an earlier version.
void unregister_webhook(Call& call) {
  const auto registry = call.registry.now();
  ContractBody body(call);
  const auto event = body.event("event");
  const auto url = body.listed_url("url", [&](std::string_view text) { return registry.endpoint_at(text); });
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
  compute_later(call, [&context = call.context, door = call.registry,
                       filter = query_value(call.request.query(), "event_filter")](const Replier& answer) {
    const auto subscriptions = context.subscriptions.of(door.now());
    const auto chosen = choose_types(*subscriptions, filter);
    answer(chosen ? list_reply(*chosen) : chosen.error());
  });
}

static_assert(kMaxTypeNameBytes == 128 && kMaxUrlChars == 2083, "the schemas name them");

constexpr NamedSchema kSchemas[] = {
    {"WebhookRequest", R"({
      "type": "object", "required": ["event", "url"],
      "properties": {
        "event": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                  "description": "Name of an event, in upper or lower case.", "examples": ["user_registered"]},
        "url": {"type": "string", "format": "uri", "maxLength": 2083, "description": "http or https.",
                "examples": ["http://127.0.0.1:9000/hook"]}},
      "examples": [{"event": "user_registered", "url": "http://127.0.0.1:9000/hook"}]})"},
    {"WebhookRegistered", R"({
      "type": "object", "required": ["message", "url", "event"],
      "properties": {
        "message": {"type": "string"}, "url": {"type": "string", "description": "In normal form."},
        "event": {"type": "string"}, "endpoint_id": {"type": "string"},
        "secret": {"type": "string", "description": "Signing secret; only when the URL is new."}},
      "examples": [{"message": "Webhook registered successfully", "url": "http://127.0.0.1:9000/hook",
                    "event": "user_registered", "endpoint_id": "ep_01jtfnvy1ket6rbm2x4n8c0q5w",
                    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}]})"},
    {"WebhookList", R"({
      "type": "object", "required": ["webhooks"],
      "properties": {"webhooks": {"type": "array", "items": {
        "type": "object", "required": ["event", "urls"],
        "properties": {"event": {"type": "string"}, "urls": {"type": "array", "items": {"type": "string"}}}}}},
      "examples": [{"webhooks": [{"event": "user_registered", "urls": ["http://127.0.0.1:9000/hook"]},
                                 {"event": "user_send_message", "urls": []}]}]})"},
};

}  // namespace

Resource webhooks() {
  return {
      .routes = {
         {.method = http::Method::post,
          .path = "/webhook",
          .scope = Scope::integrator,
          .handler = register_webhook,
          .id = "registerWebhook",
          .tag = "original calls",
          .summary = "Register a URL for an event",
          .description = "Exposee sends the event to the URL by POST from now on. The response contains "
                         "the signing secret when the URL is new. Frozen: new integrations should use POST "
                         "/v1/endpoints.",
          .request_schema = "WebhookRequest",
          .responses = {{200, "Registered", "WebhookRegistered"}, {400, "Already registered", "Error"},
                        {404, "Unknown event", "Error"}, {422, "Invalid body", "ValidationError"}},
          .idempotent = true},
         {.method = http::Method::del,
          .path = "/webhook",
          .scope = Scope::integrator,
          .handler = unregister_webhook,
          .id = "unregisterWebhook",
          .tag = "original calls",
          .summary = "Unregister a URL from an event",
          .description = "Any spelling of the URL is accepted. After this call returns, no new attempt "
                         "starts.",
          .request_schema = "WebhookRequest",
          .responses = {{204, "Unregistered", ""},
                        {404, "Unknown event, or the URL is not registered for it", "Error"},
                        {422, "Invalid body", "ValidationError"}}},
         {.method = http::Method::get,
          .path = "/webhooks",
          .scope = Scope::integrator,
          .handler = list_webhooks,
          .id = "listWebhooks",
          .tag = "original calls",
          .summary = "List events and their URLs",
          .description = "Lists every event, including those without URLs; URLs are in the order of "
                         "registration.",
          .parameters = {event_filter_doc()},
          .responses = {{200, "The events and their URLs", "WebhookList"},
                        {404, "Unknown event, or it has no URLs", "Error"}}},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

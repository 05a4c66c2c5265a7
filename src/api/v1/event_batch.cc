// POST /v1/events with an array: many events in one transaction, each accepted or refused on its own. The
// body is read once, the items go to the engine as one command, and the reply is put together of theirs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "api/resources.h"
#include "api/v1/body.h"
#include "api/v1/publishing.h"
#include "api/wire/idempotency.h"
#include "core/event_type.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

using engine::Published;
using engine::Reply;

constexpr std::size_t kMembers = 3;  // event, data, idempotency_key
using RawMembers = std::array<std::string_view, kMembers>;

// For every item, in their order: the problem, when it did not go to the engine.
using Sheet = std::vector<std::string>;

Reply render_item_count() {
  Problem problem{&problems.invalid_request, "Invalid body"};
  problem.errors.push_back({"", fmt::format("must be an array of 1 to {} events", engine::kMaxBatch)});
  return to_reply(problem);
}

// Empty when the item has none.
std::string_view read_key(V1Body& item) {
  constexpr std::string_view kName = "idempotency_key";
  if (!item.has(kName)) return {};
  const auto key = item.text(kName, kMaxIdempotencyKeyBytes);
  if (key && key->empty()) item.refuse(pointer_to(kName), key_rule());
  return key.value_or("");
}

// Adds the item's command, or says why there is none. `raw`: its members as written.
void read_item(const JsonElement& element, const RawMembers& raw, std::size_t index, std::string& refusal,
               std::vector<engine::PublishEvent>& commands) {
  V1Body item(element, {"event", "data", "idempotency_key"});
  std::optional<std::string_view> name;
  if (const auto event = item.required("event")) name = item.text(*event, kMaxTypeNameBytes);
  const auto data = item.required("data");
  const auto key = read_key(item);
  if (!item.ok()) {
    refusal = item.reply(fmt::format("/{}", index)).body;
    return;
  }
  auto& command = commands.emplace_back();
  command.type_name = *name;
  command.data = std::string(raw[data->position]);
  if (!key.empty()) command.claim = event_claim(key, *name, command.data);
  command.reply.render = render_published;
}

// Nothing new was taken, and of something the reason lies here: then the whole is refused so, and callers need not look
// into items for a server that is busy or has no room.
const Reply* busy_reply(const std::vector<Reply>& replies) {
  const auto is_new = [](const Reply& reply) { return reply.status == 202 && !reply.replayed; };
  if (std::ranges::any_of(replies, is_new)) return nullptr;
  const auto is_ours = [](const Reply& reply) { return reply.status >= 500 && !reply.replayed; };
  const auto ours = std::ranges::find_if(replies, is_ours);
  return ours == replies.end() ? nullptr : &*ours;
}

// Both kinds of reply are JSON objects; an accepted event's says nothing of its status.
void write_reply(const Reply& reply, JsonWriter& json) {
  if (reply.status != 202) {
    json.raw(reply.body);
    return;
  }
  json.begin_object().member("status", 202);
  if (reply.replayed) json.member("replayed", true);
  json.members_of(reply.body).end_object();
}

Reply combine(const Sheet& sheet, const std::vector<Reply>& replies) {
  if (const auto* busy = busy_reply(replies)) return *busy;
  constexpr std::size_t kItemBytes = 192;  // of a usual item
  JsonWriter json;
  json.reserve(sheet.size() * kItemBytes);
  json.begin_object().key("data").begin_array();
  std::uint64_t accepted = 0;
  auto reply = replies.begin();
  for (const auto& refusal : sheet) {
    if (!refusal.empty()) {
      json.raw(refusal);
      continue;
    }
    accepted += reply->status == 202;
    write_reply(*reply++, json);
  }
  json.end_array().member("accepted", accepted).member("refused", sheet.size() - accepted);
  return json_reply(202, json.end_object().take());
}

void submit(Call& call, std::shared_ptr<const Sheet> sheet, std::vector<engine::PublishEvent>&& items) {
  if (items.empty()) return call.answer(combine(*sheet, {}));
  engine::PublishBatch batch;
  batch.items = std::move(items);
  batch.combine = [sheet = std::move(sheet)](auto&& replies) { return combine(*sheet, replies); };
  batch.refuse = [](const engine::Refused& refused) { return to_reply(problem_of(refused)); };
  batch.deliver = [answer = call.answer](Reply&& reply) { answer(std::move(reply)); };
  call.context.commands.submit(std::move(batch));
}

}  // namespace

void publish_events(Call& call) {
  const auto body = read_v1_json(call.request);
  if (!body) return call.answer(to_reply(body.error()));
  if (!sent_key(call.request).empty()) {
    return call.answer(to_reply(
        {&problems.idempotency_key_of_batch, "The Idempotency-Key header cannot be used with an array"}));
  }
  const simdjson::dom::array items = body->value.get_array().value_unsafe();
  if (items.size() == 0 || items.size() > engine::kMaxBatch) return call.answer(render_item_count());

  auto sheet = std::make_shared<Sheet>(items.size());
  std::vector<engine::PublishEvent> commands;
  commands.reserve(items.size());
  RawArray raw_items(body->text);
  std::size_t index = 0;
  for (const auto item : items) {
    RawMembers raw;
    raw_items.next(raw);
    read_item(item, raw, index, (*sheet)[index], commands);
    ++index;
  }
  submit(call, std::move(sheet), std::move(commands));
}

namespace {

constexpr NamedSchema kSchemas[] = {
    {"EventItem", R"({
      "type": "object", "required": ["event", "data"], "additionalProperties": false,
      "properties": {"event": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$"},
                     "data": {"description": "Any JSON value; sent byte for byte as received."},
                     "idempotency_key": {"type": "string", "minLength": 1, "maxLength": 255,
                       "description": "Does for this item what the header Idempotency-Key does for a single event."}}})"},
    {"EventsRequest", R"({
      "oneOf": [{"$ref": "#/components/schemas/EventRequest"},
                {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/components/schemas/EventItem"},
                 "examples": [[{"event": "user_registered", "data": {"username": "alice"}, "idempotency_key": "u-1"},
                               {"event": "user_registered", "data": {"username": "bob"}, "idempotency_key": "u-2"}]]}],
      "examples": [{"event": "user_registered", "data": {"username": "alice"}}]})"},
    {"EventItemResult", R"({
      "type": "object", "required": ["status"],
      "description": "With status 202 the members of EventAccepted, with any other status those of Problem.",
      "properties": {
        "status": {"type": "integer"},
        "replayed": {"type": "boolean", "description": "true: this is the stored response of an earlier request with that idempotency_key."},
        "id": {"type": "string"}, "event": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"}, "deliveries": {"type": "integer"},
        "type": {"type": "string"}, "title": {"type": "string"}, "detail": {"type": "string"},
        "code": {"type": "string"}, "hint": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object", "properties": {
          "pointer": {"type": "string", "description": "Into the body: /2/data."}, "message": {"type": "string"}}}}}})"},
    {"EventsAccepted", R"({
      "oneOf": [{"$ref": "#/components/schemas/EventAccepted"},
                {"type": "object", "required": ["data", "accepted", "refused"],
                 "properties": {
                   "data": {"type": "array", "items": {"$ref": "#/components/schemas/EventItemResult"},
                            "description": "One result for each item, in the same order."},
                   "accepted": {"type": "integer"}, "refused": {"type": "integer"}},
                 "examples": [{"data": [
                   {"status": 202, "id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "event": "order.paid",
                    "timestamp": "2025-05-07T04:03:10.779082+00:00", "deliveries": 1},
                   {"type": "urn:exposee:problem:event_type_not_found", "title": "Event type not found", "status": 404,
                    "detail": "Event type 'order.pad' is not declared", "code": "event_type_not_found",
                    "hint": "Declare it with POST /v1/event-types {\"name\": \"order.pad\"}. GET /v1/event-types lists all."}],
                   "accepted": 1, "refused": 1}]}],
      "examples": [{"id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "event": "order.paid",
                    "timestamp": "2025-05-07T04:03:10.779082+00:00", "deliveries": 1}]})"},
};

}  // namespace

Resource event_batches() {
  return {
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

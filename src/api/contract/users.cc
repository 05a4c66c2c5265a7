// The contract's notification system: POST and GET /users, POST and GET /users/messages.
#include "users/users.h"

#include <functional>
#include <utility>

#include "api/contract/body.h"
#include "api/contract/list_reply.h"
#include "api/resources.h"
#include "api/wire/idempotency.h"
#include "api/wire/query.h"
#include "core/text/text.h"

namespace exposee::api {
namespace {

using engine::Reply;

std::string_view sentence_of(users::Unmet unmet) {
  switch (unmet) {
    case users::Unmet::name_is_free:
      return "Username already exists";
    case users::Unmet::sender_exists:
      return "Sender does not exist";
    case users::Unmet::recipient_exists:
      return "Recipient does not exist";
    case users::Unmet::two_users:
      break;
  }
  return "Sender and recipient cannot be the same";
}

Reply render_published(const engine::Outcome<engine::Published>& outcome, const std::string& data,
                       std::string_view key) {
  if (outcome) return json_reply(200, data);
  const auto& refused = outcome.error();
  if (refused.why != engine::Refusal::unmet) return contract_trouble(refused, key);
  return contract_error(400, sentence_of(static_cast<users::Unmet>(refused.unmet)));
}

// The reply is the very text that receivers get as `data`.
void publish(Call& call, engine::PublishEvent command, engine::IdempotencyClaim claim) {
  command.claim = std::move(claim);
  command.reply = reply_to<engine::Published>(
      call.answer, [data = command.data, key = idempotency_key(call.request)](const auto& outcome) {
        return render_published(outcome, data, key);
      });
  call.context.commands.submit(std::move(command));
}

std::optional<std::string_view> message_text(ContractBody& body, std::string_view field) {
  const auto text = body.text(field);
  if (!text) return std::nullopt;
  if (const auto why = users::refuse_text(*text)) body.refuse(field, *why);
  return text;
}

// Appends rows until `piece_bytes` are there; remembers the last in `after`. Gives back whether it stopped
// before the last.
template <class Row>
struct RowWriter {
  std::string& json;
  std::uint64_t& after;
  const std::size_t piece_bytes;
  std::string (*row_json)(const Row&);
  bool stopped = false;

  bool operator()(std::uint64_t number, const Row& row) {
    if (after != 0) json += ',';
    json += row_json(row);
    after = number;
    stopped = json.size() >= piece_bytes;
    return !stopped;
  }
};

NextRows all_users(std::size_t piece_bytes) {
  return [after = std::uint64_t{0}, piece_bytes](Reader& reader, std::string& json) mutable -> Result<bool> {
    RowWriter<UserRow> rows{json, after, piece_bytes, users::user_json};
    EXPOSEE_TRY(reader.users(after, std::ref(rows)));
    return rows.stopped;
  };
}

NextRows messages_to(std::string recipient_key, std::size_t piece_bytes) {
  return [after = std::uint64_t{0}, key = std::move(recipient_key), piece_bytes](
             Reader& reader, std::string& json) mutable -> Result<bool> {
    RowWriter<MessageRow> rows{json, after, piece_bytes, users::message_json};
    EXPOSEE_TRY(reader.messages_to(key, after, std::ref(rows)));
    return rows.stopped;
  };
}

void answer_messages(Context& context, Reader& reader, const Replier& answer,
                     const std::string& recipient_key) {
  const auto exists = reader.user_exists(recipient_key);
  if (!exists) return answer(store_trouble(Family::contract, exists.error()));
  if (!*exists) return answer(contract_error(400, "Recipient does not exist"));
  reply_list(context, reader, answer, "/users/messages",
              messages_to(recipient_key, context.options.list_piece_bytes));
}

void register_user(Call& call) {
  ContractBody body(call);
  const auto given = body.text("username");
  std::string username;
  if (given) {
    auto name = users::username_from(*given);
    if (name)
      username = *std::move(name);
    else
      body.refuse("username", name.error());
  }
  auto claim = contract_claim(call.request, "POST /users", body.faults());
  if (!body.ok()) return call.answer(body.faults().reply());
  publish(call, users::register_user({std::move(username), call.context.clock.now()}), *std::move(claim));
}

void list_users(Call& call) {
  read_later(call, [&context = call.context](Reader& reader, const Replier& answer) {
    reply_list(context, reader, answer, "/users", all_users(context.options.list_piece_bytes));
  });
}

void send_message(Call& call) {
  ContractBody body(call);
  const auto sender = message_text(body, "sender");
  const auto recipient = message_text(body, "recipient");
  const auto subject = message_text(body, "subject");
  const auto message = message_text(body, "message");
  auto claim = contract_claim(call.request, "POST /users/messages", body.faults());
  if (!body.ok()) return call.answer(body.faults().reply());
  auto row = users::message_from(*sender, *recipient, *subject, *message, call.context.clock.now());
  publish(call, users::send_message(std::move(row)), *std::move(claim));
}

void list_messages(Call& call) {
  const auto recipient = query_value(call.request.query(), "recipient");
  if (!recipient) {
    Faults faults;
    faults.add("missing", "query", "recipient", "Field required", "null");
    return call.answer(faults.reply());
  }
  const bool impossible = users::refuse_text(*recipient).has_value();
  if (impossible) return call.answer(contract_error(400, "Recipient does not exist"));
  read_later(call,
             [&context = call.context, key = lower_case(*recipient)](Reader& reader, const Replier& answer) {
               answer_messages(context, reader, answer, key);
             });
}

constexpr NamedSchema kSchemas[] = {
    {"UserRequest", R"({
      "type": "object", "required": ["username"],
      "properties": {"username": {"type": "string", "minLength": 1, "maxLength": 128,
                                  "pattern": "^[^\\u0000-\\u001F\\u007F-\\u009F]+$", "description": "No control characters.",
                                  "examples": ["alice"]}},
      "examples": [{"username": "alice"}]})"},
    {"User", R"({
      "type": "object", "required": ["username", "registered_at"],
      "properties": {"username": {"type": "string"}, "registered_at": {"type": "string", "format": "date-time"}},
      "examples": [{"username": "alice", "registered_at": "2025-05-07T04:03:10.779082+00:00"}]})"},
    {"UserList", R"({
      "type": "array", "items": {"$ref": "#/components/schemas/User"},
      "examples": [[{"username": "alice", "registered_at": "2025-05-07T04:03:10.779082+00:00"}]]})"},
    {"MessageRequest", R"({
      "type": "object", "required": ["sender", "recipient", "subject", "message"],
      "properties": {
        "sender": {"type": "string", "pattern": "^[^\\u0000]*$", "description": "A registered user.", "examples": ["alice"]},
        "recipient": {"type": "string", "pattern": "^[^\\u0000]*$", "description": "Another registered user.",
                      "examples": ["bob"]},
        "subject": {"type": "string", "pattern": "^[^\\u0000]*$", "examples": ["Hello"]},
        "message": {"type": "string", "pattern": "^[^\\u0000]*$", "examples": ["How are you?"]}},
      "examples": [{"sender": "alice", "recipient": "bob", "subject": "Hello", "message": "How are you?"}]})"},
    {"Message", R"({
      "type": "object", "required": ["sender", "recipient", "subject", "message", "received_at"],
      "properties": {
        "sender": {"type": "string", "description": "In lower case."},
        "recipient": {"type": "string", "description": "As it was given."},
        "subject": {"type": "string"}, "message": {"type": "string"},
        "received_at": {"type": "string", "format": "date-time"}},
      "examples": [{"sender": "alice", "recipient": "bob", "subject": "Hello", "message": "How are you?",
                    "received_at": "2025-05-07T04:03:10.779082+00:00"}]})"},
    {"MessageList", R"({"type": "array", "items": {"$ref": "#/components/schemas/Message"}})"},
    {"UserRegisteredEvent", R"({
      "type": "object", "required": ["event", "data", "id", "timestamp"],
      "properties": {
        "event": {"const": "user_registered"}, "data": {"$ref": "#/components/schemas/User"},
        "id": {"type": "string"}, "timestamp": {"type": "string", "format": "date-time"}},
      "examples": [{"event": "user_registered",
                    "data": {"username": "alice", "registered_at": "2025-05-07T04:03:10.779082+00:00"},
                    "id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "timestamp": "2025-05-07T04:03:10.779410+00:00"}]})"},
    {"UserSendMessageEvent", R"({
      "type": "object", "required": ["event", "data", "id", "timestamp"],
      "properties": {
        "event": {"const": "user_send_message"}, "data": {"$ref": "#/components/schemas/Message"},
        "id": {"type": "string"}, "timestamp": {"type": "string", "format": "date-time"}},
      "examples": [{"event": "user_send_message",
                    "data": {"sender": "alice", "recipient": "bob", "subject": "Hello", "message": "How are you?",
                             "received_at": "2025-05-07T04:03:10.779082+00:00"},
                    "id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "timestamp": "2025-05-07T04:03:10.779410+00:00"}]})"},
};

}  // namespace

Resource users_and_messages() {
  return {
      .routes = {
         {.method = http::Method::post,
          .path = "/users",
          .scope = Scope::publish,
          .handler = register_user,
          .id = "registerUser",
          .tag = "users and messages",
          .summary = "Register a user",
          .description = "Usernames are unique ignoring case and stored in lower case. Publishes the event "
                         "`user_registered`.",
          .request_schema = "UserRequest",
          .responses = {{200, "The new user", "User"}, {400, "Username taken", "Error"},
                        {422, "Invalid body", "ValidationError"}},
          .idempotent = true},
         {.method = http::Method::get,
          .path = "/users",
          .scope = Scope::admin,
          .handler = list_users,
          .id = "listUsers",
          .tag = "users and messages",
          .summary = "List users",
          .description = "Oldest first.",
          .responses = {{200, "All users", "UserList"}}},
         {.method = http::Method::post,
          .path = "/users/messages",
          .scope = Scope::publish,
          .handler = send_message,
          .id = "sendMessage",
          .tag = "users and messages",
          .summary = "Send a message to a user",
          .description = "Sender and recipient are found ignoring case. Publishes the event "
                         "`user_send_message`.",
          .request_schema = "MessageRequest",
          .responses = {{200, "The message", "Message"},
                        {400, "Unknown sender or recipient, or both are the same", "Error"},
                        {422, "Invalid body", "ValidationError"}},
          .idempotent = true},
         {.method = http::Method::get,
          .path = "/users/messages",
          .scope = Scope::admin,
          .handler = list_messages,
          .id = "listMessages",
          .tag = "users and messages",
          .summary = "List the messages of a recipient",
          .description = "Oldest first.",
          .parameters = {{"recipient", "query", "Username, in upper or lower case.",
                           R"({"type":"string","pattern":"^[^\\u0000]*$","examples":["bob"]})", true}},
          .responses = {{200, "The messages", "MessageList"}, {400, "Unknown recipient", "Error"},
                        {422, "The recipient is missing", "ValidationError"}}},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

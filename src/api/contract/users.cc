// The contract's notification system: POST and GET /users, POST and GET /users/messages.
#include "api/contract/body.h"
#include "api/handlers.h"
#include "api/wire/idempotency.h"
#include "api/wire/query.h"
#include "core/text/text.h"
#include "users/users.h"

namespace exposee::api {
namespace {

using engine::Refusal;
using engine::Reply;

Reply render_published(const engine::Outcome<engine::Published>& outcome, const std::string& data,
                       std::string_view key) {
  if (outcome) return json_reply(200, data);
  switch (outcome.error().why) {
    case Refusal::username_taken:
      return contract_error(400, "Username already exists");
    case Refusal::unknown_sender:
      return contract_error(400, "Sender does not exist");
    case Refusal::unknown_recipient:
      return contract_error(400, "Recipient does not exist");
    case Refusal::same_user:
      return contract_error(400, "Sender and recipient cannot be the same");
    default:
      return contract_trouble(outcome.error(), key);
  }
}

// The answer is the very text that receivers get as `data`.
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

template <class Row>
std::string list_json(const std::vector<Row>& rows, std::string (*row_json)(const Row&)) {
  std::string json = "[";
  for (const auto& row : rows) {
    if (json.size() > 1) json += ',';
    json += row_json(row);
  }
  return json += ']';
}

Reply messages_of(Reader& reader, const std::string& recipient_key) {
  const auto exists = reader.user_exists(recipient_key);
  if (!exists) return store_trouble(Family::contract, exists.error());
  if (!*exists) return contract_error(400, "Recipient does not exist");
  const auto messages = reader.messages_to(recipient_key);
  if (!messages) return store_trouble(Family::contract, messages.error());
  return json_reply(200, list_json(*messages, users::message_json));
}

Reply all_users(Reader& reader) {
  const auto rows = reader.users();
  if (!rows) return store_trouble(Family::contract, rows.error());
  return json_reply(200, list_json(*rows, users::user_json));
}

}  // namespace

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
  read_later(call, [](Reader& reader, const Answerer& answer) { answer(all_users(reader)); }, Weight::heavy);
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
  read_later(
      call,
      [key = lower_case(*recipient)](Reader& reader, const Answerer& answer) {
        answer(messages_of(reader, key));
      },
      Weight::heavy);
}

}  // namespace exposee::api

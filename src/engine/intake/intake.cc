#include "engine/intake/intake.h"

#include "core/assert.h"

namespace exposee::engine {
namespace {

constexpr std::string_view kProblemType = "application/problem+json";

StoredReply to_store(const IdempotencyClaim& claim, const Reply& reply) {
  const auto type = reply.body.empty() ? "" : reply.problem ? kProblemType : "application/json";
  return {claim.fingerprint, reply.status, std::string(type), reply.body};
}

}  // namespace

void TurnDraft::clear() {
  events.clear();
  event_rows.clear();
  retried.clear();
  resumed.clear();
  returned.clear();
  changes.clear();
  replies.clear();
}

Result<void> Intake::run(std::vector<Command>& commands, EventSeq last, Instant now, TurnDraft& draft) {
  draft_ = &draft;
  last_ = last;
  now_ = now;
  now_text_ = iso_chars(now);
  for (auto& command : commands) {
    auto reply = std::visit([this](auto& c) { return answer(c); }, command);
    if (!reply) return std::move(reply).error();
    draft.replies.push_back(std::move(*reply));
  }
  return {};
}

template <class C>
Result<Reply> Intake::answer(C& command) {
  if constexpr (requires { command.claim; }) {
    if (!command.claim.key.empty()) return answer_claimed(command, command.reply);
  }
  auto outcome = decide(command);
  if (!outcome) return std::move(outcome).error();
  return command.reply.render(*outcome);
}

Result<Reply> Intake::answer(PublishBatch& batch) {
  std::vector<Reply> replies;
  replies.reserve(batch.items.size());
  for (auto& item : batch.items) {
    auto reply = answer(item);
    if (!reply) return std::move(reply).error();
    replies.push_back(std::move(*reply));
  }
  return batch.combine(std::move(replies));
}

template <class C, class T>
Result<Reply> Intake::answer_claimed(C& command, const ReplyTo<T>& reply) {
  auto found = store_.find_reply(command.claim.key);
  if (!found) return std::move(found).error();
  if (auto& stored = *found) {
    if (stored->fingerprint != command.claim.fingerprint) {
      return reply.render(std::unexpected(Refused{Refusal::key_reused, {}}));
    }
    return Reply{.status = stored->status,
                 .body = std::move(stored->body),
                 .problem = stored->content_type == kProblemType,
                 .replayed = true};
  }
  auto outcome = decide(command);
  if (!outcome) return std::move(outcome).error();
  auto rendered = reply.render(*outcome);
  if (outcome->has_value()) {
    EXPOSEE_TRY(store_.put_reply(command.claim.key, to_store(command.claim, rendered), now_));
  }
  return rendered;
}

Result<Outcome<Published>> Intake::decide(PublishEvent& command) {
  const auto* type = registry_.type_named(command.type_name);
  if (!type) return Outcome<Published>(std::unexpected(Refused{Refusal::unknown_type, command.type_name}));
  auto refused = std::visit([this](auto& effect) { return apply(effect); }, command.effect);
  if (!refused) return std::move(refused).error();
  if (*refused) return Outcome<Published>(std::unexpected(std::move(**refused)));
  return Outcome<Published>(accept(*type, command.data));
}

Result<std::optional<Refused>> Intake::apply(const std::monostate&) {
  return std::optional<Refused>{};
}

Result<std::optional<Refused>> Intake::apply(const NewUser& effect) {
  auto added = store_.add_user(effect.user);
  if (!added) return std::move(added).error();
  return *added ? std::optional<Refused>{} : Refused{Refusal::username_taken, {}};
}

Result<std::optional<Refused>> Intake::apply(const NewMessage& effect) {
  const auto& message = effect.message;
  auto sender = store_.user_exists(message.sender);
  if (!sender) return std::move(sender).error();
  if (!*sender) return std::optional<Refused>(Refused{Refusal::unknown_sender, {}});
  auto recipient = store_.user_exists(message.recipient_key);
  if (!recipient) return std::move(recipient).error();
  if (!*recipient) return std::optional<Refused>(Refused{Refusal::unknown_recipient, {}});
  if (message.sender == message.recipient_key) return std::optional<Refused>(Refused{Refusal::same_user, {}});
  EXPOSEE_TRY(store_.add_message(message));
  return std::optional<Refused>{};
}

Published Intake::accept(const EventType& type, std::string_view data) {
  auto event = std::make_shared<Event>();
  last_ = last_ ? EventSeq{last_.value + 1} : first_seq(1);
  std::array<std::uint8_t, 10> noise;
  random_.fill(noise);
  event->seq = last_;
  event->id = EventId{uuid_v7(now_, noise)};
  event->type = type.number;
  event->version = registry_.version();
  event->accepted_at = now_;
  event->type_name = type.name;
  event->body = event_body(type.name, data, event->id, now_text_);
  auto owed_to = registry_.subscribers(type.number);
  Published published{event->id, event->seq, type.name, now_text_,
                      static_cast<std::uint32_t>(owed_to->size())};
  draft_->event_rows.push_back(event);
  draft_->events.push_back({std::move(event), std::move(owed_to)});
  return published;
}

}  // namespace exposee::engine

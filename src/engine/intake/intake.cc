#include "engine/intake/intake.h"

#include <algorithm>
#include <array>

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
  rows.clear();
  holds.clear();
  failing.clear();
  claims.clear();
  documents.clear();
  retried.clear();
  resumed.clear();
  returned.clear();
  forwarded.clear();
  overflowed = 0;
  changes.clear();
  replies.clear();
  deferred.clear();
}

void Intake::begin(Instant now) {
  clear();
  last_ = last_event_;
  now_ = now;
  now_text_ = iso_chars(now);
}

void Intake::settle() {
  last_event_ = last_;
}

void Intake::clear() {
  draft_.clear();
  findings_.clear();
}

void Intake::run(const std::vector<Command>& commands) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (const auto endpoint = must_wait(commands[i])) {
      draft_.deferred.push_back({i, endpoint});
      draft_.replies.emplace_back();
    } else {
      draft_.replies.push_back(std::visit([this](const auto& c) { return answer(c); }, commands[i]));
    }
  }
}

// An endpoint is enabled only once nothing of before is pending: what was asked for by hand needs no
// subscription, and would count again. Whatever else is asked of it meanwhile waits behind that. Gives the
// endpoint whose rows must end; zero: none.
EndpointNumber Intake::must_wait(const Command& command) const {
  if (const auto* update = std::get_if<UpdateEndpoint>(&command)) {
    const auto* state = registry_.find(update->id);
    return state ? waits_for_rows(state->endpoint->number, update->disabled == false) : EndpointNumber{};
  }
  if (const auto* remove = std::get_if<RemoveEndpoint>(&command)) {
    const auto* state = registry_.find(remove->id);
    return state ? waits_for_rows(state->endpoint->number, false) : EndpointNumber{};
  }
  const auto* retry = std::get_if<RetryDelivery>(&command);
  return retry ? waits_for_rows(retry->key.endpoint, false) : EndpointNumber{};
}

EndpointNumber Intake::waits_for_rows(EndpointNumber number, bool enables) const {
  if (deferrals_.hold(number)) return number;
  const auto& waiting = draft_.deferred;
  if (std::ranges::find(waiting, number, &TurnDraft::Deferred::endpoint) != waiting.end()) return number;
  if (!enables || registry_.find(number)->endpoint->disabled_reason.empty()) return {};
  return housekeeping_.is_cancelling(number) || registry_.has_changed(number) ? number : EndpointNumber{};
}

template <class C>
Reply Intake::answer(const C& command) {
  if constexpr (requires { command.claim; }) {
    if (!command.claim.key.empty()) return answer_claimed(command, command.reply);
  }
  return command.reply.render(decide(command));
}

Reply Intake::answer(const PublishBatch& batch) {
  std::vector<Reply> replies;
  replies.reserve(batch.items.size());
  for (const auto& item : batch.items) replies.push_back(answer(item));
  return batch.combine(std::move(replies));
}

template <class C, class T>
Reply Intake::answer_claimed(const C& command, const ReplyTo<T>& reply) {
  if (const auto* stored = findings_.reply(command.claim.key)) {
    if (stored->fingerprint != command.claim.fingerprint) {
      return reply.render(std::unexpected(Refused{Refusal::key_reused, {}}));
    }
    return {.status = stored->status,
            .body = stored->body,
            .problem = stored->content_type == kProblemType,
            .replayed = true};
  }
  const auto outcome = decide(command);
  auto rendered = reply.render(outcome);
  if (outcome) {
    const auto* kept = findings_.claim(command.claim.key, to_store(command.claim, rendered));
    draft_.claims.push_back({command.claim.key, kept});
  }
  return rendered;
}

Outcome<Published> Intake::decide(const PublishEvent& command) {
  const auto* type = registry_.type_named(command.type_name);
  if (!type) return std::unexpected(Refused{Refusal::unknown_type, command.type_name});
  if (const auto& why = health_.refuses_events(); !why.empty())
    return std::unexpected(Refused{Refusal::store_full, why});
  if (auto refused = refuse_unmet(command.preconditions)) return std::unexpected(*std::move(refused));
  put(command.documents);
  return accept(*type, command.data);
}

std::optional<Refused> Intake::refuse_unmet(const std::vector<Precondition>& preconditions) const {
  for (const auto& each : preconditions) {
    if (findings_.has_document(each.asks()) != each.exists) return Refused{Refusal::unmet, {}, each.number};
  }
  return std::nullopt;
}

void Intake::put(const std::vector<Document>& documents) {
  for (const auto& document : documents) {
    findings_.add_document(document);
    draft_.documents.push_back(document);
  }
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
                      static_cast<std::uint32_t>(owed_to.size())};
  draft_.event_rows.push_back(event);
  draft_.events.push_back({std::move(event), std::move(owed_to)});
  return published;
}

}  // namespace exposee::engine

#include "engine/intake/findings.h"

#include <utility>

#include "core/assert.h"

namespace exposee::engine {
namespace {

// As the store derives it where there is no row.
DeliveryRow row_of(const AttemptRow& first_success) {
  const auto& response = first_success.response;
  return {.key = first_success.key,
          .status = DeliveryStatus::succeeded,
          .attempts = first_success.number,
          .http_status = static_cast<std::uint16_t>(response.status),
          .updated_at = response.started_at + response.timing.total};
}

}  // namespace

void Findings::clear() {
  if (lookups_.empty()) return;  // nothing was asked
  lookups_.clear();
  replies_.clear();
  documents_.clear();
  deliveries_.clear();
}

void Findings::ask(const std::vector<Command>& commands) {
  for (const auto& command : commands) {
    if (const auto* event = std::get_if<PublishEvent>(&command)) [[likely]] {
      ask(*event);
    } else {
      ask(command);
    }
  }
}

void Findings::ask(const Command& command) {
  std::visit(
      [this]<class C>(const C& each) {
        if constexpr (requires { each.claim; }) ask_reply(each.claim);
        if constexpr (std::is_same_v<C, PublishBatch>) {
          for (const auto& item : each.items) ask(item);
        }
        if constexpr (std::is_same_v<C, RetryDelivery>) {
          if (deliveries_.try_emplace(each.key).second) lookups_.deliveries.push_back(each.key);
        }
      },
      command);
}

void Findings::ask(const PublishEvent& command) {
  ask_reply(command.claim);
  for (const auto& each : command.preconditions) {
    if (documents_.try_emplace(each.asks(), false).second) lookups_.documents.push_back(each.asks());
  }
}

void Findings::ask_reply(const IdempotencyClaim& claim) {
  if (claim.key.empty()) return;
  if (replies_.try_emplace(claim.key).second) lookups_.keys.push_back(claim.key);
}

void Findings::take(Found&& found) {
  EXPOSEE_ASSERT(found.replies.size() == lookups_.keys.size() &&
                     found.documents.size() == lookups_.documents.size() &&
                     found.deliveries.size() == lookups_.deliveries.size(),
                 "the store answers what it is asked");
  for (std::size_t i = 0; i < lookups_.keys.size(); ++i) {
    replies_[lookups_.keys[i]] = std::move(found.replies[i]);
  }
  for (std::size_t i = 0; i < lookups_.documents.size(); ++i) {
    documents_[lookups_.documents[i]] = found.documents[i];
  }
  for (std::size_t i = 0; i < lookups_.deliveries.size(); ++i) {
    deliveries_[lookups_.deliveries[i]] = std::move(found.deliveries[i]);
  }
}

void Findings::lay_over(std::span<const DeliveryRow> rows, std::span<const AttemptRow> attempts) {
  if (deliveries_.empty()) return;
  for (const auto& attempt : attempts) {
    const auto asked = attempt.succeeded ? deliveries_.find(attempt.key) : deliveries_.end();
    if (asked != deliveries_.end()) asked->second = row_of(attempt);
  }
  for (const auto& row : rows) {
    if (const auto asked = deliveries_.find(row.key); asked != deliveries_.end()) asked->second = row;
  }
}

const StoredReply* Findings::reply(std::string_view key) const {
  const auto& found = replies_.at(key);
  return found ? &*found : nullptr;
}

const StoredReply* Findings::claim(std::string_view key, StoredReply&& reply) {
  return &replies_.at(key).emplace(std::move(reply));
}

void Findings::add_document(const Document& document) {
  const auto key = key_of(document);
  if (!key) return;
  auto& is_taken = documents_.at(*key);
  EXPOSEE_ASSERT(!is_taken, "that a key is free is a precondition of its document");
  is_taken = true;
}

const std::optional<DeliveryRow>& Findings::delivery(const DeliveryKey& key) const {
  return deliveries_.at(key);
}

void Findings::put(const DeliveryRow& row) {
  deliveries_.at(row.key) = row;
}

}  // namespace exposee::engine

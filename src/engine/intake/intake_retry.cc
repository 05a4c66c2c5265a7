// The commands that make an endpoint or a delivery be tried at once.
#include <string>

#include "engine/intake/intake.h"

namespace exposee::engine {
namespace {

std::optional<Refused> refuse_retry(const Endpoint& endpoint) {
  if (endpoint.removed_at) return Refused{Refusal::endpoint_removed, {}};
  if (!endpoint.disabled_reason.empty()) return Refused{Refusal::endpoint_disabled, endpoint.disabled_reason};
  if (endpoint.settings.paused) return Refused{Refusal::endpoint_paused, {}};
  return std::nullopt;
}

// Its next attempt is one by hand. What it waited for by schedule, it waits for again when that fails.
void ask_for(DeliveryRow& row, Instant now) {
  const bool waited = row.status == DeliveryStatus::pending && row.attempts > 0;
  if (waited) row.resumes_at = row.due;
  if (row.status != DeliveryStatus::pending) {
    row.round_start = row.attempts;
    row.brought_forward = false;
  }
  row.once = row.once || row.status == DeliveryStatus::succeeded;
  row.status = DeliveryStatus::pending;
  row.manual = row.asked = true;
  ++row.by_hand;
  row.due = row.updated_at = now;
}

}  // namespace

Outcome<DeliveryRow> Intake::decide(const RetryDelivery& command) {
  const auto& found = findings_.delivery(command.key);
  const auto* state = registry_.find(command.key.endpoint);
  if (!found || !state) return std::unexpected(Refused{Refusal::unknown_delivery, {}});
  const auto& endpoint = *state->endpoint;
  if (auto refused = refuse_retry(endpoint)) return std::unexpected(*std::move(refused));
  auto row = *found;
  const bool first = row.status == DeliveryStatus::pending && row.attempts == 0;
  const bool comes_anyway = row.asked || dispatcher_.counts(command.key) ||
                            (first && endpoint.settings.ordered && !dispatcher_.is_next(command.key));
  if (comes_anyway) return row;
  if (row.by_hand >= settings_.max_retries_by_hand) {
    return std::unexpected(
        Refused{Refusal::too_many_retries,
                "It was retried by hand " + std::to_string(row.by_hand) + " times already"});
  }
  const bool was_final = row.status != DeliveryStatus::pending;
  ask_for(row, now_);
  findings_.put(row);
  draft_.rows.push_back(row);
  draft_.retried.push_back({row, was_final});
  return row;
}

Reply Intake::answer(const ReceiversResponded& receivers) {
  for (const auto number : receivers.endpoints) {
    const auto* state = registry_.find(number);
    if (!state || !state->endpoint->is_active()) continue;
    if (state->endpoint->failing_since) note_failing(number, std::nullopt);
    draft_.returned.push_back(number);
  }
  return {};
}

void Intake::resume(EndpointNumber number) {
  if (dispatcher_.held_until(number)) draft_.holds.push_back({number, now_});
  draft_.resumed.push_back(number);
}

}  // namespace exposee::engine

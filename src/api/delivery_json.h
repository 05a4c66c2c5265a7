// Deliveries and attempts as /v1 shows them. A delivery's status is the one thing that only the engine knows
// for certain (in_flight), so a row is written around a gap for it. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "engine/commands.h"
#include "ports/store.h"

namespace exposee::api {

struct DeliveryText {
  DeliveryKey key;
  DeliveryStatus status = DeliveryStatus::pending;  // in_flight once the engine said so
  std::string before, after;                        // the JSON object without the status
  std::string text() const;
};

// Whether the hint of a delivery depends on the words of its last failure, which only its attempts have.
bool needs_failure_words(const DeliveryRow& row);
// The sender's words of the last failed attempt; empty when there are none.
std::string failure_words(const std::vector<AttemptRow>& attempts);

// `words`: of the last failure. `attempts`: a JSON array to stand in the object as well; empty: none.
DeliveryText delivery_text(const DeliveryView& view, const engine::RegistrySnapshot& registry,
                           std::string_view words, std::string_view attempts = {});

// The JSON array of all attempts, with what came back. `url`: of the endpoint; empty when it is not known.
std::string attempts_json(const std::vector<AttemptRow>& attempts, std::string_view url);

}  // namespace exposee::api

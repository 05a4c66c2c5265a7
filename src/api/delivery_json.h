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
// `words`: of the last failure. `attempts`: members about attempts to stand in the object as well (of
// attempts_json()); empty: none.
DeliveryText delivery_text(const DeliveryView& view, const engine::RegistrySnapshot& registry,
                           std::string_view words, std::string_view attempts = {});

// `"attempts":[…],"attempts_before":…`: these attempts with what came back, and where those before them are
// to be asked for. `url`: of the endpoint; empty when it is not known.
std::string attempts_json(const std::vector<AttemptRow>& attempts, std::string_view url);

}  // namespace exposee::api

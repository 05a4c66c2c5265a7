// Deliveries and attempts as /v1 shows them. Whether a pending one is in flight, and what it waits for, only
// the engine knows, so a row is written around gaps for that. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "api/access/registry_view.h"
#include "engine/commands.h"
#include "ports/store.h"

namespace exposee::api {

struct DeliveryText {
  DeliveryRow row;                          // status: in_flight once the engine said so
  std::string endpoint_id;                  // empty when it is not known
  std::string hint;                         // of the last failure
  std::string before, facts, times, after;  // the JSON object without status, hint and next attempt
  engine::Waiting waiting;                  // of a pending one, once the engine said so
  bool is_pending() const { return row.status == DeliveryStatus::pending; }
  // What the engine knows of a pending one.
  void look(const engine::EngineView& view, Instant now);
  std::string text() const;
};

// Whether the hint of a delivery depends on the words of its last failure, which only its attempts have.
bool needs_failure_words(const DeliveryRow& row);
// `words`: of the last failure. `attempts`: members about attempts to stand in the object as well (of
// attempts_json()); empty: none.
DeliveryText delivery_text(const DeliveryView& view, const RegistryView& registry,
                           std::string_view words, std::string_view attempts = {});

// `"attempts":[…],"attempts_before":…`: these attempts with what came back, and where those before them are
// to be asked for. `url`: of the endpoint; empty when it is not known.
std::string attempts_json(const std::vector<AttemptRow>& attempts, std::string_view url);

}  // namespace exposee::api

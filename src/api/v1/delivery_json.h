// Deliveries and attempts as /v1 shows them. Whether a pending one is in flight, and what it waits for, only
// the engine's thread knows, which notes it in the row; the JSON is written afterwards, in one go. Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/access/registry_view.h"
#include "engine/commands.h"
#include "json/writer.h"
#include "ports/store.h"

namespace exposee::api {

// One delivery on its way to the caller.
struct ShownDelivery {
  DeliveryView view;        // status: in_flight once the engine said so
  std::string words;        // of its last failure, valid UTF-8; empty when they are not known
  std::string webhook_delivery{};  // the header of its last response, when that was a failure and is at hand
  engine::Waiting waiting;  // of a pending one, once the engine said so

  bool is_pending() const { return view.row.status == DeliveryStatus::pending; }
  // Adds what the engine's thread has on a pending one.
  void look(const engine::EngineView& engine, Instant now);
};

// Whether the hint of a delivery depends on the words of its last failure, which only its attempts have.
bool needs_failure_words(const DeliveryRow& row);

void write_delivery(const ShownDelivery& delivery, const RegistryView& registry, JsonWriter& json);
// With these of its attempts, what came back, and where those before them are to be asked for.
std::string delivery_json(const ShownDelivery& delivery, const std::vector<AttemptRow>& attempts,
                          const RegistryView& registry);

}  // namespace exposee::api

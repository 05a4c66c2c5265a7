#include "cli/print/next_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/text/fill_in.h"

namespace exposee::cli {
namespace {

constexpr std::string_view kAny = "*";
constexpr std::string_view kId = "{id}", kEndpoint = "{endpoint}";

// The first row that fits counts. A delivery that has succeeded or is in flight wants nothing.
struct DeliveryRow {
  std::string_view endpoint, status, step;
};
constexpr std::array kDeliveryRows = {
    DeliveryRow{"", kAny, ""},
    DeliveryRow{"paused", "pending", "exposee resume {endpoint}"},
    DeliveryRow{"paused", "exhausted", "exposee resume {endpoint} && exposee retry {id}"},
    DeliveryRow{"paused", "cancelled", "exposee resume {endpoint} && exposee retry {id}"},
    DeliveryRow{"disabled", "exhausted", "exposee enable {endpoint} && exposee retry {id}"},
    DeliveryRow{"disabled", "cancelled", "exposee enable {endpoint} && exposee retry {id}"},
    DeliveryRow{"disabled", kAny, ""},
    DeliveryRow{kAny, "pending", "exposee retry {id}"},
    DeliveryRow{kAny, "exhausted", "exposee retry {id}"},
    DeliveryRow{kAny, "cancelled", "exposee retry {id}"},
};

bool fits(std::string_view pattern, std::string_view text) {
  return pattern == kAny || pattern == text;
}

// The id is what some server says, and whoever copies the command runs it.
bool is_plain(std::string_view id) {
  return std::ranges::all_of(id, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

constexpr std::string_view kDeliveriesOf = "exposee deliveries --status {} --endpoint {}";

}  // namespace

std::string next_step(const DeliveryState& delivery) {
  if (delivery.cause == "damaged" || delivery.retries_by_hand >= kMostRetries) return {};
  if (!is_plain(delivery.id) || !is_plain(delivery.endpoint_id)) return {};
  const auto row = std::ranges::find_if(kDeliveryRows, [&](const DeliveryRow& r) {
    return fits(r.endpoint, delivery.endpoint_status) && fits(r.status, delivery.status);
  });
  std::string step(row == kDeliveryRows.end() ? "" : row->step);
  fill_in(step, kId, delivery.id);
  fill_in(step, kEndpoint, delivery.endpoint_id);
  return step;
}

// Why deliveries fail comes before what the endpoint is, which somebody may have wanted.
std::string next_step(const EndpointState& endpoint) {
  if (!is_plain(endpoint.id)) return {};
  if (endpoint.retrying) return fmt::format(kDeliveriesOf, "pending", endpoint.id);
  if (endpoint.exhausted) return fmt::format(kDeliveriesOf, "exhausted", endpoint.id);
  if (endpoint.status == "paused") return fmt::format("exposee resume {}", endpoint.id);
  if (endpoint.status == "disabled") return fmt::format("exposee enable {}", endpoint.id);
  if (endpoint.status == "active") return {};
  return fmt::format(kDeliveriesOf, "pending", endpoint.id);
}

}  // namespace exposee::cli

// The command that helps on, for what a command has shown. What is suggested works as it is typed: a retry of
// a delivery whose endpoint is paused or disabled would be refused. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

namespace exposee::cli {

constexpr std::int64_t kMostRetries = 1'000;  // of one delivery by hand (engine/settings.h)

struct DeliveryState {
  std::string id, endpoint_id, status, cause;
  std::int64_t retries_by_hand = 0;
  std::string endpoint_status;  // of its endpoint; empty: it was removed
};
// "exposee retry dlv_1"; empty: there is nothing to do, or nothing helps.
std::string next_step(const DeliveryState& delivery);

struct EndpointState {
  std::string id, status;
  bool retrying = false, exhausted = false;  // some of its deliveries: they fail, or were given up lately
};
std::string next_step(const EndpointState& endpoint);

}  // namespace exposee::cli

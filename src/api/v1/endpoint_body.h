// The settings of an endpoint as bodies under /v1/endpoints give them. Pure; the server's thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "api/options.h"
#include "api/v1/body.h"
#include "core/registry.h"

namespace exposee::api {

constexpr std::chrono::milliseconds kMinAttemptTimeout{1'000}, kMaxAttemptTimeout{30'000};  // promise D7
constexpr std::size_t kMaxDescriptionBytes = 500;
constexpr std::uint32_t kMaxInFlight = 1'000;  // attempts at once that an endpoint may ask for
constexpr std::size_t kMaxPatterns = 100;      // of one endpoint

// Only what the body has is set; an inner nullopt is the server's default (JSON null).
struct EndpointSettings {
  std::optional<std::string> description;
  std::optional<std::vector<std::string>> patterns;
  std::optional<std::optional<std::chrono::milliseconds>> timeout;
  std::optional<std::optional<RetrySchedule>> schedule;
  std::optional<std::uint32_t> max_in_flight;    // 0: the server's default
  std::optional<std::uint32_t> rate_per_second;  // 0: no limit
  std::optional<bool> ordered;
  std::optional<bool> paused;
  std::optional<bool> public_only;
  std::optional<bool> disabled;
};

// Faults are noted in `body`.
EndpointSettings read_endpoint_settings(V1Body& body);
std::optional<Url> read_endpoint_url(V1Body& body, const ApiOptions& options);
// Of a URL that is well so far.
void demand_public(V1Body& body, const ApiOptions& options, const std::optional<Url>& url);
std::string read_endpoint_secret(V1Body& body);  // empty: none was given

}  // namespace exposee::api

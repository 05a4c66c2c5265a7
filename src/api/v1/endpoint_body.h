// What bodies under /v1/endpoints say of an endpoint. Pure; the server's thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "api/options.h"
#include "api/v1/body.h"
#include "core/endpoint_settings.h"

namespace exposee::api {

constexpr std::size_t kMaxPatterns = 100;  // of one endpoint

// Only what the body has is set.
struct EndpointBody {
  std::optional<std::vector<std::string>> patterns;
  SettingChanges settings;
  std::optional<bool> disabled;
};

// Faults are noted in `body`.
EndpointBody read_endpoint_body(V1Body& body);
std::optional<Url> read_endpoint_url(V1Body& body, const ApiOptions& options);
// Of a URL that is well so far.
void demand_public(V1Body& body, const ApiOptions& options, const std::optional<Url>& url);
std::string read_endpoint_secret(V1Body& body);  // empty: none was given

}  // namespace exposee::api

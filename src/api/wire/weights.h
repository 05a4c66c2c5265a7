// Lists of preferences with weights, "gzip;q=0.5, *;q=0" (RFC 9110 section 12.4.2), as Accept-Encoding has them.
// Pure; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace exposee::api {

constexpr int kFullWeight = 1000;  // q=1; weights have three decimals

// What the list says of `name` itself, ignoring case: 0 (not at all) to kFullWeight; nothing when it is not
// there. An unreadable weight is 0.
std::optional<int> weight_of(std::string_view list, std::string_view name);

// Whether a body in that content coding serves better than one in none (RFC 9110 section 12.5.3): it is taken,
// by name or by "*", and no less wanted than the body as it is.
bool prefers_coding(std::string_view accept_encoding, std::string_view coding);

}  // namespace exposee::api

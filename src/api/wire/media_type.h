// What Content-Type says of a body. Pure; any thread.
#pragma once

#include <string_view>

namespace exposee::api {

// application/json and application/…+json in any case, with any parameters (RFC 9110 section 8.3.1, RFC
// 6839 3.1).
bool is_json_type(std::string_view content_type);

}  // namespace exposee::api

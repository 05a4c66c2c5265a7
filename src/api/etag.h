// Answers that a client may keep: an ETag made of the content, and 304 when the client has it already (RFC
// 9110 sections 8.8.3 and 13.1.2). Pure; any thread.
#pragma once

#include <string_view>

#include "http/message.h"

namespace exposee::api {

// Whether If-None-Match names `etag`; weak comparison.
bool is_known(const http::Request& request, std::string_view etag);

// `response` with an ETag of its body, or the 304 for it. Clients ask again each time (`no-cache`).
http::Response with_etag(const http::Request& request, http::Response response);

}  // namespace exposee::api

// Replies that a client may keep, and changes that it makes to what it has seen: an ETag made of the content,
// 304 when the client has it already, and what If-Match demands (RFC 9110 sections 8.8.3, 13.1.1 and 13.1.2).
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/wire/route.h"
#include "http/message.h"

namespace exposee::api {

// A strong tag of `content`, quotes included.
std::string etag_of(std::string_view content);

// Whether If-None-Match names `etag`; weak comparison.
bool is_known(const http::Request& request, std::string_view etag);

// Whether this value of If-Match names `etag`; strong comparison, so that a weak tag names nothing.
bool is_named(std::string_view if_match, std::string_view etag);

// The request's If-Match; empty when there is none, or an empty one, as tools send that fill in every
// parameter they know: it demands nothing.
std::string if_match_of(const http::Request& request);

// What a call that keeps to If-Match takes and answers, documented.
inline ParameterDoc if_match_doc() {
  return {"If-Match", "header", "Apply the change only if the ETag still matches. When it is empty, the change is always applied.",
          R"({"type":"string","default":""})"};
}
inline ResponseDoc changed_doc() {
  return {412, "The resource has changed", "Problem"};
}

// `response` with that ETag, or the 304 for it. Clients ask again each time (`no-cache`). Without `etag`: of
// the body.
http::Response with_etag(const http::Request& request, http::Response response, std::string etag);
http::Response with_etag(const http::Request& request, http::Response response);

}  // namespace exposee::api

// Who may call what from where: the names of this server, and the origins of browsers. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/options.h"
#include "api/problem.h"
#include "http/message.h"

namespace exposee::api {

// Why a call under /v1 is refused before anything is looked at: its Host is none of ours (DNS rebinding), or
// a page of another origin makes it. Nothing when it may go on.
std::optional<Problem> refuse_v1(const ApiOptions& options, const http::Request& request);

// Value of Access-Control-Allow-Origin for a call of the contract; empty: no CORS headers.
std::string allowed_origin(const ApiOptions& options, const http::Request& request);

// How this client calls this server: its own Host where that is one of ours, so that pages stay on their
// origin.
std::string base_url_for(const ApiOptions& options, const http::Request& request);

}  // namespace exposee::api

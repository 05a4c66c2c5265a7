// Whether a Host header (RFC 9110 section 7.2) names this server. A page's author can make a name of his own
// resolve to this server's address (DNS rebinding): to the browser, server and page are then one origin, and
// only the Host header differs. So only names that a stranger cannot register count. Pure;
// any thread.
#pragma once

#include <string_view>

#include "api/options.h"

namespace exposee::api {

// `host`: the header's value, with or without a port, which does not matter.
bool is_own_host(const ApiOptions& options, std::string_view host);

}  // namespace exposee::api

// What the commands about endpoints share: how one is shown in a line, and the call that changes one. The
// calling thread waits.
#pragma once

#include <string>
#include <string_view>

#include "cli/client/client.h"
#include "cli/print/columns.h"
#include "json/read.h"

namespace exposee::cli {

// Its status, id, URL, how much is pending, and what it is sent.
Row endpoint_row(const JsonElement& endpoint);

// A call that changes an endpoint: "PATCH" of it, with a body, or "POST" of what stands below it.
struct EndpointCall {
  std::string_view method, below, body;
};
// Makes it of the ENDPOINT that is named, and shows that as it is then.
int change_endpoint(const Arguments& arguments, World& world, const EndpointCall& call);

Argument endpoint_argument();

}  // namespace exposee::cli

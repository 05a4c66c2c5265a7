// What a command asks a server for before or after its own call: the endpoint that is meant, the event that
// may have been meant. The calling thread waits.
#pragma once

#include <expected>
#include <string>

#include "cli/client/client.h"

namespace exposee::cli {

// The id of the endpoint that is named by its id or by its URL, in any spelling; whether there is one with an
// id only the call shows that uses it.
std::expected<std::string, Failure> endpoint_id(const Client& client, const std::string& named);

// Adds to a refusal (not found, usage) the declared event that is near to `event`, if that is none and the
// server tells. `event`: as it was typed; may be empty.
Failure with_meant_event(Failure failure, const Client& client, const std::string& event);

}  // namespace exposee::cli

// Which server a command calls, and the message when there is none. The order: --url, then --config or
// --listen when they are given, then the variable EXPOSEE_URL, then the settings. Pure but for
// World::configured_server.
#pragma once

#include <expected>
#include <string>

#include "cli/arguments.h"
#include "cli/world.h"
#include "core/url/url.h"

namespace exposee::cli {

inline constexpr std::string_view kUrlVariable = "EXPOSEE_URL";

// Errors are for usage.
std::expected<ServerAddress, Faults> find_server(const Arguments& arguments, const World& world);

// The URL of a call: `target` ("/livez") below the server's own, which may have a path. The error is a
// sentence.
std::expected<Url, std::string> url_below(const std::string& base, std::string_view target);

// A part of a target: letters, digits and "-._~" stay, all else is percent-encoded.
std::string encoded(std::string_view text);

// Adds name=value to a target that may have a query; nothing when the value is empty.
void add_query(std::string& target, std::string_view name, std::string_view value);

}  // namespace exposee::cli

// Hints of a server name calls of its API ("POST /v1/events sends the data again"). In a terminal the next
// step is a command: ours where there is one, else curl's for that very server. Pure.
#pragma once

#include <string>
#include <string_view>

namespace exposee::cli {

// What the user has typed, of which the bodies of calls are made; empty: an example stands there.
struct Typed {
  std::string event, url;
};

// `hint` with each call in it ("METHOD /path" and what follows as " {json}") as a command; the rest stays.
// `server`: its URL, without a slash at the end or with one.
std::string with_commands(std::string_view hint, std::string_view server, const Typed& typed = {});

}  // namespace exposee::cli

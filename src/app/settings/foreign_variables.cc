#include "app/settings/foreign_variables.h"

#include <algorithm>

namespace exposee::app {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool skip(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

bool skip_digits(std::string_view& text) {
  const auto end = std::ranges::find_if(text, [](char c) { return c < '0' || c > '9'; });
  const auto count = static_cast<std::size_t>(end - text.begin());
  text.remove_prefix(count);
  return count > 0;
}

// "80_TCP", "80_TCP_ADDR": a port's number, its protocol, and perhaps which part of its URL.
bool is_port_detail(std::string_view rest) {
  if (!skip_digits(rest)) return false;
  if (!skip(rest, "_TCP") && !skip(rest, "_UDP") && !skip(rest, "_SCTP")) return false;
  return rest.empty() || rest == "_PROTO" || rest == "_PORT" || rest == "_ADDR";
}

bool has_port_detail(std::string_view name) {
  constexpr std::string_view kPort = "_PORT_";
  for (auto at = name.find(kPort); at != std::string_view::npos; at = name.find(kPort, at + 1)) {
    if (is_port_detail(name.substr(at + kPort.size()))) return true;
  }
  return false;
}

bool is_port_url(std::string_view value) {
  return value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
}

}  // namespace

bool is_foreign_variable(std::string_view name, std::string_view value) {
  if (name == "EXPOSEE_NAME") return true;  // of a Docker link
  if (name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT")) return true;
  if (contains(name, "_SERVICE_PORT_")) return true;  // and the port's name
  if (name.ends_with("_PORT") && is_port_url(value)) return true;
  return has_port_detail(name);
}

}  // namespace exposee::app

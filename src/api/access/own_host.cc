#include "api/access/own_host.h"

#include <algorithm>
#include <array>

#include "core/address/ip_address.h"
#include "http/grammar.h"

namespace exposee::api {
namespace {

// Browsers answer it, and all names below it, with loopback addresses themselves (RFC 6761 section 6.3).
constexpr std::string_view kLocalhost = "localhost";

// Public DNS holds none of the names below these, so that a client that sends one has it from this server's
// own network. What private networks use by habit alone ("lan", "home", "corp") is not kept free for them:
// server.allowed_hosts.
constexpr std::array<std::string_view, 4> kNeverPublic = {
    "local",      // RFC 6762 section 3: the link's own names; cluster.local of Kubernetes is below it
    "internal",   // set aside for private use by resolution 2024.07.29.06 of ICANN's board
    "home.arpa",  // RFC 8375 section 4
    "test",       // RFC 6761 section 6.2
};

// "127.0.0.1" of "127.0.0.1:8000", "[::1]" of "[::1]:8000".
std::string_view without_port(std::string_view host) {
  const bool has_bracket = host.find(']') != host.npos;
  return host.substr(0, host.find(':', has_bracket ? host.rfind(']') : 0));
}

bool is_below(std::string_view name, std::string_view suffix) {
  if (name.size() < suffix.size() + 2 || name[name.size() - suffix.size() - 1] != '.') return false;
  return http::equals_ignoring_case(name.substr(name.size() - suffix.size()), suffix);
}

// An address leads where it says. A name without a dot is one of the machine's, or of its network's: services
// of a container network have no others.
bool is_of_network(std::string_view name) {
  if (name.empty()) return false;
  if (name.front() == '[' || name.find('.') == name.npos || IpAddress::parse(name)) return true;
  return std::ranges::any_of(kNeverPublic, [&](std::string_view suffix) { return is_below(name, suffix); });
}

bool is_allowed(std::string_view pattern, std::string_view name) {
  if (pattern == kAnyHost) return true;
  return pattern.starts_with("*.") ? is_below(name, pattern.substr(2))
                                   : http::equals_ignoring_case(pattern, name);
}

}  // namespace

bool is_own_host(const ApiOptions& options, std::string_view host) {
  const auto name = without_port(host);
  const auto is_name = [&](std::string_view own) { return http::equals_ignoring_case(own, name); };
  const auto allows = [&](std::string_view pattern) { return is_allowed(pattern, name); };
  return std::ranges::any_of(options.own_hosts, is_name) || is_below(name, kLocalhost) ||
         (options.in_network && is_of_network(name)) || std::ranges::any_of(options.allowed_hosts, allows);
}

}  // namespace exposee::api

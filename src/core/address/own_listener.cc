#include "core/address/own_listener.h"

#include <fmt/format.h>

#include <algorithm>

namespace exposee {
namespace {

bool means_this_machine(const IpAddress& address) {
  const auto inner = address.v6 ? embedded_ipv4(address) : std::nullopt;
  const IpAddress& judged = inner ? *inner : address;
  if (!judged.v6) return judged.bytes[0] == 127 || judged.bytes[0] == 0;
  return judged == IpAddress::parse("::1") || judged == IpAddress::parse("::");
}

// 0.0.0.0 or ::
bool is_unspecified(const IpAddress& address) {
  return std::ranges::all_of(address.bytes, [](std::uint8_t byte) { return byte == 0; });
}

// RFC 6761 section 6.3: localhost and all names below it are loopback.
bool is_localhost(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name == "localhost" || name.ends_with(".localhost");
}

// "/hooks", and everything below it.
bool is_below(std::string_view target, std::string_view path) {
  if (!target.starts_with(path)) return false;
  target.remove_prefix(path.size());
  return path.empty() || target.empty() || target.front() == '/' || target.front() == '?';
}

bool leads_here(const OwnListeners& own, const Url& url) {
  const bool public_place = url.port == own.public_port && url.host == own.public_host;
  if (public_place && is_below(url.target, own.public_path)) return true;
  if (url.host_kind == HostKind::name) return is_localhost(url.host) && own.has_port(url.port);
  const auto address = IpAddress::parse(url.host);
  return address && own.has(*address, url.port);
}

}  // namespace

bool OwnListeners::has(const IpAddress& address, std::uint16_t port) const {
  if (!has_port(port)) return false;
  const auto inner = is_ipv4_mapped(address) ? embedded_ipv4(address) : std::nullopt;
  const IpAddress& meant = inner ? *inner : address;
  return means_this_machine(meant) || std::ranges::any_of(places, [&](const Place& place) {
           if (place.port != port) return false;
           if (place.address == meant) return true;
           return is_unspecified(place.address) && std::ranges::find(of_machine, meant) != of_machine.end();
         });
}

bool OwnListeners::has_port(std::uint16_t port) const {
  return std::ranges::any_of(places, [&](const Place& place) { return place.port == port; });
}

std::optional<std::string> refuse_own(const OwnListeners& own, const Url& url) {
  if (!leads_here(own, url)) return std::nullopt;
  return fmt::format("{}:{} is this server's own address; register the URL of the receiver instead",
                     url.host_kind == HostKind::ipv6 ? fmt::format("[{}]", url.host) : url.host, url.port);
}

}  // namespace exposee

#include "net/server/listen_address.h"

#include <charconv>

#include "core/address/address.h"

namespace exposee::net {
namespace {

constexpr std::string_view kHint = "Write it as host:port, for example 127.0.0.1:8000 or [::1]:8000.";

Error malformed(std::string_view text, std::string_view why) {
  return {ErrorCode::invalid, "The listen address '" + std::string(text) + "' " + std::string(why),
          std::string(kHint)};
}

// All of `text`, or nothing.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// A number alone was meant as a port, most likely of this machine.
Error without_port(std::string_view text) {
  if (!parse_port(text)) return malformed(text, "has no port.");
  return malformed(text,
                   "is a port alone: for this machine only, write 127.0.0.1:" + std::string(text) + ".");
}

}  // namespace

std::string ListenAddress::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool ListenAddress::is_loopback() const {
  if (host == "localhost") return true;
  auto address = IpAddress::parse(host);
  if (!address) return false;
  if (!address->v6) return address->bytes[0] == 127;
  return *address == IpAddress::parse("::1");
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return without_port(text);
  auto port = parse_port(text.substr(colon + 1));
  if (!port) return malformed(text, "has no port from 0 to 65535 after its last colon.");

  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty()) return malformed(text, "has no host.");
  if (bracketed != (host.find(':') != std::string_view::npos)) {
    return malformed(text, "must have brackets around an IPv6 host, and only there.");
  }
  return ListenAddress{std::string(host), *port};
}

}  // namespace exposee::net

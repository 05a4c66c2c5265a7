#include "cli/client/server.h"

#include <fmt/format.h>

namespace exposee::cli {
namespace {

constexpr std::string_view kDefaultUrl = "http://127.0.0.1:8000";

bool said(const Arguments& arguments, std::string_view name) {
  return arguments.knows(name) && arguments.has(name);
}

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::expected<ServerAddress, Faults> find_server(const Arguments& arguments, const World& world) {
  if (const auto url = arguments.value("--url")) return ServerAddress{*url, {}};
  const bool by_settings = said(arguments, "--config") || said(arguments, "--listen");
  const auto variable = find_variable(world.environment, kUrlVariable);
  if (!by_settings && variable && !variable->empty())
    return ServerAddress{std::string(*variable), std::string(kUrlVariable)};
  if (world.configured_server) return world.configured_server(arguments);
  return ServerAddress{std::string(kDefaultUrl), {}};
}

std::expected<Url, std::string> url_below(const std::string& base, std::string_view target) {
  const auto server = parse_server_url(base);
  if (!server)
    return std::unexpected(fmt::format("'{}' is not a URL to ask: {}.", base, server.error().message));
  if (server->target.find('?') != std::string::npos)
    return std::unexpected(fmt::format("'{}' is not a URL to ask: it has a query.", base));
  std::string text = server->text;
  if (text.ends_with('/')) text.pop_back();
  auto url = parse_server_url(text.append(target));
  if (!url) return std::unexpected(fmt::format("'{}' is not a URL to ask: {}.", text, url.error().message));
  return *url;
}

std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c))
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

void add_query(std::string& target, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target.append(name).append("=").append(encoded(value));
}

}  // namespace exposee::cli

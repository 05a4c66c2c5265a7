#include "api/hosts.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "http/grammar.h"

namespace exposee::api {
namespace {

// "127.0.0.1" of "127.0.0.1:8000", "[::1]" of "[::1]:8000".
std::string_view without_port(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.find(':', bracket == host.npos ? 0 : bracket);
  return host.substr(0, colon);
}

bool is_allowed_host(const ApiOptions& options, std::string_view host) {
  const auto name = without_port(host);
  return std::ranges::any_of(options.allowed_hosts,
                             [&](const auto& allowed) { return http::equals_ignoring_case(allowed, name); });
}

// Browsers name the origin with every call that could change something. "null" is nobody's.
bool is_own_origin(std::string_view origin, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme))
      return ascii_lower_case(origin.substr(scheme.size())) == ascii_lower_case(host);
  }
  return false;
}

std::string_view scheme_of(std::string_view base_url) {
  return base_url.substr(0, base_url.find(':'));
}

}  // namespace

std::optional<Problem> refuse_v1(const ApiOptions& options, const http::Request& request) {
  const auto host = request.header("host").value_or(std::string_view{});
  if (!options.allowed_hosts.empty() && !is_allowed_host(options, host)) {
    return Problem{&problems::kUnknownHost, "The Host header names none of this server's addresses"};
  }
  const auto origin = request.header("origin");
  if (!origin || is_own_origin(*origin, host)) return std::nullopt;
  return Problem{&problems::kForeignOrigin, "The call comes from a page of another origin"};
}

std::string allowed_origin(const ApiOptions& options, const http::Request& request) {
  const auto& allowed = options.cors_allow_origins;
  if (std::ranges::find(allowed, "*") != allowed.end()) return "*";
  const auto origin = request.header("origin");
  return origin && std::ranges::find(allowed, *origin) != allowed.end() ? std::string(*origin)
                                                                        : std::string{};
}

std::string base_url_for(const ApiOptions& options, const http::Request& request) {
  const auto host = request.header("host");
  if (!host || !is_allowed_host(options, *host)) return options.base_url;
  const bool clean = std::ranges::all_of(*host, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == ':' || c == '[' || c == ']';
  });
  return clean ? fmt::format("{}://{}", scheme_of(options.base_url), *host) : options.base_url;
}

}  // namespace exposee::api

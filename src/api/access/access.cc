#include "api/access/access.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/access/own_host.h"
#include "core/url/percent.h"
#include "http/grammar.h"

namespace exposee::api {
namespace {

// Nothing when the header is absent. A browser sends one; of several none can be trusted, as of "null".
std::optional<std::string_view> origin_header(const http::Request& request) {
  const auto first = request.header("origin");
  if (!first) return std::nullopt;
  int count = 0;
  for (const auto& [name, value] : request.headers) count += http::equals_ignoring_case(name, "origin");
  return count == 1 ? *first : std::string_view{};
}

// Changes nothing, so that its reply may be kept by a cache.
bool is_safe(http::Method method) {
  using enum http::Method;
  return method == get || method == head || method == options;
}

}  // namespace

Family family_of(std::string_view path) {
  const std::string decoded = path.find('%') == path.npos ? std::string{} : percent_decoded(path, false);
  const std::string_view plain = decoded.empty() ? path : std::string_view(decoded);
  // What operators count does not concern web pages: the rules of /v1 are the stricter ones.
  const bool strict = plain == "/v1" || plain.starts_with("/v1/") || plain == "/metrics";
  return strict ? Family::v1 : Family::contract;
}

Access::Access(const ApiOptions& options) : options_(options) {
  read_origins();
  const std::string_view url = options.public_url;
  public_url_ = parse_origin(url.substr(0, url.find('/', url.find("://") + 3)));
}

void Access::read_origins() {
  const auto& all = options_.cors_allow_origins;
  any_origin_ = std::ranges::find(all, "*") != all.end();
  allowed_.clear();
  for (const auto& text : all) {
    if (auto origin = parse_origin(text)) allowed_.push_back(*std::move(origin));
  }
}

Caller Access::judge(const http::Request& request, Family family, Scope scope) const {
  const auto header = origin_header(request);
  const auto host = request.header("host").value_or(std::string_view{});
  const auto origin = header ? parse_origin(*header) : std::nullopt;
  const bool foreign = header && (!origin || !is_own(*origin, host));
  Caller caller{foreign, cors_for(request, family, header, foreign), std::nullopt};
  // Where any page may call, its name says nothing; a narrowed list would be got round by a rebound name.
  const bool host_matters =
      family == Family::v1 || (!any_origin_ && !host.empty() && scope != Scope::open);
  if (host_matters && !is_own_host(options_, host)) {
    caller.refusal = {&problems.unknown_host, "The Host header names none of this server's addresses"};
  } else if (foreign && family == Family::v1) {
    caller.refusal = {&problems.foreign_origin, "The call comes from a page of another origin"};
  } else if (foreign && !is_allowed(origin)) {
    caller.refusal = {&problems.origin_not_allowed,
                      "The call comes from a page of an origin that is not allowed"};
  }
  return caller;
}

Cors Access::cors_for(const http::Request& request, Family family, std::optional<std::string_view> origin,
                      bool foreign) const {
  Cors cors;
  // What only a page may not do makes a reply vary as well, but no cache keeps that of a call that changes
  // something unless it says so.
  cors.varies = !any_origin_ || (is_safe(request.method) ? family == Family::v1 : origin.has_value());
  if (family == Family::v1) return cors;
  if (any_origin_)
    cors.allow_origin = "*";
  else if (foreign && is_allowed(parse_origin(*origin)))
    cors.allow_origin = *origin;
  return cors;
}

bool Access::is_allowed(const std::optional<Origin>& origin) const {
  return any_origin_ || (origin && std::ranges::find(allowed_, *origin) != allowed_.end());
}

// A page under the public URL's host is own by the public URL's scheme alone: with https outside, what is on
// the way can make up pages of http.
bool Access::is_own(const Origin& origin, std::string_view host) const {
  if (public_url_ == origin) return true;
  const auto authority = parse_authority(host);
  if (!authority || !is_own_host(options_, host)) return false;
  if (public_url_ && origin_at(public_url_->https, *authority) == *public_url_) return false;
  return origin_at(origin.https, *authority) == origin;
}

std::string Access::base_url_for(const http::Request& request) const {
  if (!options_.public_url.empty()) return options_.public_url;
  const auto host = request.header("host").value_or(std::string_view{});
  const auto authority = parse_authority(host);
  if (!authority || !is_own_host(options_, host)) return options_.base_url;
  return fmt::format("http://{}", authority->text());
}

}  // namespace exposee::api

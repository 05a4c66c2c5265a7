#include "api/wire/router.h"

#include <algorithm>

#include "core/url/percent.h"

namespace exposee::api {
namespace {

std::string allow_of(const PathEntry& entry) {
  std::string allow;
  for (const auto* route : entry.routes) {
    allow.append(http::to_text(route->method)).append(", ");
    if (route->method == http::Method::get) allow += "HEAD, ";
  }
  return allow += "OPTIONS";
}

}  // namespace

const Route* PathEntry::find(http::Method method) const {
  const auto wanted = method == http::Method::head ? http::Method::get : method;
  const auto it = std::ranges::find(routes, wanted, &Route::method);
  return it == routes.end() ? nullptr : *it;
}

Router::Router(const std::vector<Route>& routes) {
  for (const auto& route : routes) {
    auto& entry = entry_for(route.path);
    entry.routes.push_back(&route);
    entry.allow = allow_of(entry);
  }
}

PathEntry& Router::entry_for(std::string_view path) {
  const auto open = path.find('{');
  if (open == path.npos) {
    auto& entry = fixed_[path];
    entry.path = path;
    return entry;
  }
  const auto known = std::ranges::find(templates_, path, [](const Template& t) { return t.entry.path; });
  if (known != templates_.end()) return known->entry;
  const auto close = path.find('}');
  return templates_.emplace_back(Template{path.substr(0, open), path.substr(close + 1), {.path = path}})
      .entry;
}

const PathEntry* Router::find(std::string_view path, std::string& parameter) const {
  std::string decoded;
  if (path.find('%') != path.npos) decoded = percent_decoded(path, false);
  const auto fixed = fixed_.find(decoded.empty() ? path : std::string_view(decoded));
  if (fixed != fixed_.end()) return &fixed->second;
  for (const auto& candidate : templates_) {
    const auto around = candidate.prefix.size() + candidate.suffix.size();
    if (path.size() <= around || !path.starts_with(candidate.prefix) || !path.ends_with(candidate.suffix))
      continue;
    const auto raw = path.substr(candidate.prefix.size(), path.size() - around);
    if (raw.find('/') != raw.npos) continue;
    parameter = percent_decoded(raw, false);
    return &candidate.entry;
  }
  return nullptr;
}

}  // namespace exposee::api

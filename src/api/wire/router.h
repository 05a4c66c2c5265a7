// From a path to its calls. Made once from the table of routes, which outlives it; immutable; any thread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/wire/route.h"

namespace exposee::api {

// What one path can do.
struct PathEntry {
  std::string_view path;
  std::string allow;                             // value of the header Allow: "GET, HEAD, OPTIONS"
  const Route* find(http::Method method) const;  // HEAD is answered by GET

  std::vector<const Route*> routes;
};

class Router {
 public:
  explicit Router(const std::vector<Route>& routes);
  // The entry of a request's path (still percent-encoded), and the decoded value of its {…}. Null: no such
  // path.
  const PathEntry* find(std::string_view path, std::string& parameter) const;

 private:
  struct Template {
    std::string_view prefix, suffix;  // around the parameter
    PathEntry entry;
  };
  PathEntry& entry_for(std::string_view path);

  std::unordered_map<std::string_view, PathEntry> fixed_;
  std::vector<Template> templates_;
};

}  // namespace exposee::api

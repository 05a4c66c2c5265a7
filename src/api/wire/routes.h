// The one table of all calls: it dispatches, and OpenAPI and the documents are printed from it, so what is
// documented is what exists. Constant data; any thread.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/handlers.h"

namespace exposee::api {

// A parameter of the query or a header; the one in the path is found by its braces. `schema`: JSON text.
struct ParameterDoc {
  std::string_view name, in, description, schema;
  bool required = false;
};

// `schema`: name of a component of api/wire/schemas.h; empty: no body. Of a Problem, the kind whose title the
// description is gives the example. What many calls answer (broken JSON, a foreign origin, ...) is added by
// api/documents/openapi.cc.
struct ResponseDoc {
  int status = 200;
  std::string_view description, schema;
};

struct Route {
  http::Method method = http::Method::get;
  std::string_view path;  // "/v1/endpoints/{id}/secret": at most one {…}, a whole segment, not the first
  Handler handler = nullptr;

  // Documentation. No summary: the call is not listed.
  std::string_view id, tag, summary, description = {};
  std::string_view request_schema = {};  // component; empty: no body
  bool request_required = true;
  std::vector<ParameterDoc> parameters = {};
  std::vector<ResponseDoc> responses = {};
  bool idempotent = false;  // takes an Idempotency-Key
};

// All of them, in the order of the documents.
const std::vector<Route>& routes();
// Its parts, one per family; routes() joins them.
std::vector<Route> contract_routes();
std::vector<Route> v1_routes();
std::vector<Route> page_routes();

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

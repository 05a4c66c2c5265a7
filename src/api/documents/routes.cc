// Pages, documents and probes.
#include "api/wire/routes.h"

namespace exposee::api {
namespace {

using http::Method;

constexpr std::string_view kOperation = "operation", kDocuments = "documents";

}  // namespace

std::vector<Route> page_routes() {
  return {
      {Method::get,
       "/livez",
       show_livez,
       "getLivez",
       kOperation,
       "Check that the process is alive",
       "Returns 200 as long as the server can answer at all.",
       "",
       false,
       {},
       {{200, "Alive", "Health"}}},
      {Method::get,
       "/readyz",
       show_readyz,
       "getReadyz",
       kOperation,
       "Check that the server is ready",
       "Returns 200 when events are accepted, else 503 with the reason.",
       "",
       false,
       {},
       {{200, "Ready", "Health"}, {503, "Not ready; `detail` says why", "Error"}}},
      {Method::get,
       "/openapi.json",
       show_openapi,
       "getOpenapi",
       kDocuments,
       "Get this description (OpenAPI 3.1)",
       "The address in `servers` is the one that the request used.",
       "",
       false,
       {},
       {{200, "The description", "Document"}}},
      {Method::get,
       "/postman.json",
       show_postman,
       "getPostman",
       kDocuments,
       "Get a Postman collection",
       "Collection v2.1. It can be run from top to bottom and removes what it registers.",
       "",
       false,
       {},
       {{200, "The collection", "Document"}}},
      {.path = "/docs", .handler = show_docs},
      {.path = "/docs/{file}", .handler = show_asset},
      {.path = "/", .handler = show_root},
  };
}

}  // namespace exposee::api

// Pages, documents and probes.
#include "api/routes.h"

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
       "Is the process alive",
       "Says yes as long as it can answer at all.",
       "",
       false,
       {},
       {{200, "Alive", "Health"}}},
      {Method::get,
       "/readyz",
       show_readyz,
       "getReadyz",
       kOperation,
       "Is the server ready for work",
       "",
       "",
       false,
       {},
       {{200, "Ready", "Health"}, {503, "Not ready; `detail` says why", "Error"}}},
      {Method::get,
       "/openapi.json",
       show_openapi,
       "getOpenapi",
       kDocuments,
       "This description, OpenAPI 3.1",
       "",
       "",
       false,
       {},
       {{200, "The description", "Document"}}},
      {Method::get,
       "/postman.json",
       show_postman,
       "getPostman",
       kDocuments,
       "A Postman collection to import",
       "Collection v2.1; it runs top to bottom on an empty server.",
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

// The two documents that people import: OpenAPI 3.1, printed from the route table, and a Postman collection
// v2.1, shaped by hand so that it runs top to bottom. Made once at the start; the address of the server is
// put in when they are asked for, because it depends on the name under which it was called. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/routes.h"

namespace exposee::api {

// Stands in the documents where the address of the server goes.
constexpr std::string_view kBaseUrlMark = "https://base-url.invalid";

std::string make_openapi(const std::vector<Route>& routes, std::string_view version);
std::string make_postman(std::string_view version);

struct Documents {
  std::string openapi, postman;
};

// `base_url`: printable ASCII without quotes and backslashes.
std::string with_base_url(std::string_view document, std::string_view base_url);

}  // namespace exposee::api

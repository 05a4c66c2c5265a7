// The two documents that people import: OpenAPI 3.1, printed from the route table, and a Postman collection
// v2.1, shaped by hand so that it runs top to bottom. Made once at the start; the address of the server is
// put in when they are asked for, because it depends on the name under which it was called. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/wire/route.h"

namespace exposee::api {

// Stands in the documents where the address of the server goes.
constexpr std::string_view kBaseUrlMark = "https://base-url.invalid";

std::string make_openapi(const std::vector<Route>& routes, std::string_view version);
std::string make_postman(std::string_view version);

// A document as one caller sees it.
struct NamedDocument {
  std::string text, etag;
};

// Both documents, and those made lately for the names under which the server was called: making one replaces
// the address and digests 100 KB. Any thread.
class Documents {
 public:
  using Ref = std::shared_ptr<const NamedDocument>;

  Documents(std::string openapi, std::string postman)
      : openapi_{std::move(openapi), {}}, postman_{std::move(postman), {}} {}
  // `base_url`: printable ASCII without quotes and backslashes.
  Ref openapi(const std::string& base_url) { return named(openapi_, base_url); }
  Ref postman(const std::string& base_url) { return named(postman_, base_url); }

 private:
  struct Template {
    std::string text;
    std::vector<std::pair<std::string, Ref>> made;  // by address, the newest last
  };
  Ref named(Template& document, const std::string& base_url);

  std::mutex mutex_;
  Template openapi_, postman_;
};

std::string with_base_url(std::string_view document, std::string_view base_url);

}  // namespace exposee::api

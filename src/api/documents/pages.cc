// Pages and documents.
#include <algorithm>

#include "api/access/access.h"
#include "api/contract/refusal.h"
#include "api/documents/documents.h"
#include "api/resources.h"
#include "api/wire/etag.h"
#include "api/wire/weights.h"

namespace exposee::api {
namespace {

// Swagger UI sets style attributes and shows pictures of its own as data:; everything else is a file of ours.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

bool takes_gzip(const http::Request& request) {
  return prefers_coding(request.header("accept-encoding").value_or(std::string_view{}), "gzip");
}

http::Response asset_response(const http::Request& request, const embedded::Asset& asset) {
  http::Response response;
  auto& headers = response.headers;
  headers.add("content-type: ", asset.content_type);
  headers.add("etag: ", asset.etag);
  headers.add("cache-control: no-cache");
  headers.add("vary: accept-encoding");
  if (asset.content_type.starts_with("text/html")) {
    headers.add("content-security-policy: ", kPolicy);
    headers.add("referrer-policy: no-referrer");
  }
  if (is_known(request, asset.etag)) {
    response.status = 304;
    return response;
  }
  const bool packed = !asset.gzip_bytes.empty() && takes_gzip(request);
  if (packed) headers.add("content-encoding: gzip");
  response.body = http::Body::of_program(packed ? asset.gzip_bytes : asset.bytes);
  return response;
}

void answer_asset(Call& call, std::string_view path) {
  const auto& assets = call.context.options.assets;
  const auto asset = std::ranges::find(assets, path, &embedded::Asset::path);
  if (asset == assets.end()) return call.answer(contract_error(404, "Not Found"));
  call.answer(asset_response(call.request, *asset));
}

// Sent from where it lies: all clients that have not read it yet hold the one copy.
void answer_document(Call& call, const Documents::Ref& document) {
  http::Response response{.body = http::Body::shared({document, &document->text})};
  response.headers.add("content-type: application/json");
  response.headers.add("vary: host");
  call.answer(with_etag(call.request, std::move(response), document->etag));
}

// Relative, for a proxy may serve this below a path that we do not know. One that is known is named: proxies ask for
// "/" also when they were asked for the path without a slash at its end, from which "docs" would lead out of it.
std::string docs_from_root(std::string_view public_url) {
  const bool below_path = public_url.find('/', public_url.find("://") + 3) != public_url.npos;
  return below_path ? std::string(public_url) + "/docs" : "docs";
}

void show_root(Call& call) {
  http::Response response{.status = 307};
  response.headers.add("location: ", docs_from_root(call.context.options.public_url));
  call.answer(std::move(response));
}

void show_docs(Call& call) {
  answer_asset(call, "/docs");
}

void show_asset(Call& call) {
  answer_asset(call, "/docs/" + call.parameter);
}

void show_openapi(Call& call) {
  answer_document(call, call.context.documents.openapi(call.context.access.base_url_for(call.request)));
}

void show_postman(Call& call) {
  answer_document(call, call.context.documents.postman(call.context.access.base_url_for(call.request)));
}

constexpr NamedSchema kSchemas[] = {
    {"Document", R"({"type": "object", "additionalProperties": true})"},
};

}  // namespace

Resource pages() {
  return {
      .routes = {
         {.method = http::Method::get,
          .path = "/openapi.json",
          .scope = Scope::integrator,
          .handler = show_openapi,
          .id = "getOpenapi",
          .tag = "documents",
          .summary = "Get this description (OpenAPI 3.1)",
          .description = "The address in `servers` is the one that the request used.",
          .responses = {{200, "The description", "Document"}}},
         {.method = http::Method::get,
          .path = "/postman.json",
          .scope = Scope::integrator,
          .handler = show_postman,
          .id = "getPostman",
          .tag = "documents",
          .summary = "Get a Postman collection",
          .description = "Collection v2.1. It can be run from top to bottom and removes what it registers.",
          .responses = {{200, "The collection", "Document"}}},
         {.method = http::Method::get, .path = "/docs", .scope = Scope::integrator, .handler = show_docs},
         {.method = http::Method::get, .path = "/docs/{file}", .scope = Scope::integrator, .handler = show_asset},
         {.method = http::Method::get, .path = "/", .scope = Scope::integrator, .handler = show_root},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

// A call as a row: where it is, who may make it, what carries it out, and how it is documented. A resource is one file
// with its rows, handlers, bodies and schemas; api/resources.h joins them into the one table that dispatches and that
// OpenAPI is printed from, so what is documented is what exists. Constant data; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "api/wire/call.h"

namespace exposee::api {

// Who may make a call, in the words of tokens (promises section 4). As long as there are no tokens, every
// caller that reaches the server has all of them, and what it decides is which calls are open whatever Host
// and Origin say.
enum class Scope : std::uint8_t {
  open,        // any caller, under any name: health checks, which say nothing that a page could use
  integrator,  // operators of receivers: endpoints, deliveries, the documents
  publish,     // producers of events
  admin,       // operators of this server
};

// A member that has no default: what leaves it out does not compile.
template <class T>
struct Required {
  Required() = delete;
  constexpr Required(T given) : value(given) {}
  constexpr operator T() const { return value; }
  T value;
};

// A parameter of the query or a header; the one in the path is found by its braces. `schema`: JSON text.
struct ParameterDoc {
  std::string_view name, in, description, schema;
  bool required = false;
};

// `schema`: name of a component; empty: no body. Of a Problem, the kind whose title the description is gives the
// example. What many calls answer (broken JSON, a foreign origin, ...) is added by api/documents/openapi.cc.
struct ResponseDoc {
  int status = 200;
  std::string_view description, schema;
};
inline ResponseDoc not_found_doc(std::string_view what) {
  return {404, what, "Problem"};
}
inline ResponseDoc invalid_doc() {
  return {422, "Invalid request", "Problem"};
}

struct Route {
  http::Method method;
  std::string_view path;  // "/v1/endpoints/{id}/secret": at most one {…}, a whole segment, not the first
  Required<Scope> scope;
  Handler handler;

  // Documentation. No summary: the call is not listed.
  std::string_view id = {}, tag = {}, summary = {}, description = {};
  std::string_view request_schema = {};  // component; empty: no body
  bool request_required = true;
  std::vector<ParameterDoc> parameters = {};
  std::vector<ResponseDoc> responses = {};
  bool idempotent = false;  // takes an Idempotency-Key
};

// A JSON Schema (2020-12) of what goes in or out, a component of OpenAPI. Each carries an example.
struct NamedSchema {
  std::string_view name, json;
};

// What one file brings. `schemas` is static.
struct Resource {
  std::vector<Route> routes = {};
  std::span<const NamedSchema> schemas = {};
};

}  // namespace exposee::api

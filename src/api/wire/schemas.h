// The JSON Schemas (2020-12) of everything that goes in and out, as components of OpenAPI. Each carries an
// example. Constant text; any thread.
#pragma once

#include <span>
#include <string_view>

namespace exposee::api {

struct NamedSchema {
  std::string_view name, json;
};
std::span<const NamedSchema> contract_schemas();
std::span<const NamedSchema> v1_schemas();

}  // namespace exposee::api

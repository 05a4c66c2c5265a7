// The requests of the Postman collection in the order in which they are run. Constant text; any thread.
#pragma once

#include <span>
#include <string_view>

namespace exposee::api {

struct PostmanStep {
  std::string_view folder, name;
  std::string_view method, target;  // path and query; {{variables}} of the collection
  std::string_view body;            // JSON; empty: none
  int status;                       // asserted
  std::string_view test = {};       // more JavaScript, where `json` is the reply; empty: none
  std::string_view headers = {};    // "Name: value"; empty: none
};

std::span<const PostmanStep> postman_steps();

}  // namespace exposee::api

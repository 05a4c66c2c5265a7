// Why an attempt failed, in one sentence, and what to do about it, in another: the table that the API's
// `hint`, and the command line share. Pure; any thread.
#pragma once

#include <string>

#include "core/delivery.h"
#include "core/url/url.h"

namespace exposee::api {

struct Explanation {
  std::string code;      // "http_401", "connect_refused": stable, for programs
  std::string sentence;  // what happened
  std::string next;      // what to do
  std::string hint() const { return sentence + " " + next; }
};

// What is known of a failed attempt.
struct Failure {
  Cause cause = Cause::none;
  int http_status = 0;      // when cause is http
  std::string_view detail;  // the sender's words; may be empty
  std::string_view url;     // of the endpoint; may be empty when it is gone
  std::string_view endpoint_id = {}, delivery_id = {};  // for the calls to make; empty: not known
};

Explanation explain(const Failure& failure);

// The cause of an attempt as lists and filters name it: a response other than 2xx is `http`.
Cause cause_of(const Response& response);

}  // namespace exposee::api

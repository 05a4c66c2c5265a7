// Plain words for why an attempt got no answer: what people read in reports, lists and logs. Pure; any
// thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/delivery.h"

namespace exposee::net {

// "15 s", "1.5 s", "200 ms".
std::string duration_words(std::chrono::milliseconds duration);

// Why there is no answer. `detail` goes into Answer::detail.
struct Failure {
  Cause cause = Cause::none;
  std::string detail;
};
Failure timed_out(std::chrono::milliseconds limit);       // "Timed out after 15 s"
Failure name_timed_out(std::chrono::milliseconds limit);  // "Name does not resolve: no answer within 5 s"
Failure connecting_timed_out(std::chrono::milliseconds limit);
Failure closed_early();             // "The connection was closed before an answer came"
Failure connect_failed(int error);  // errno: "Connection refused"
Failure bad_response(std::string_view why);

}  // namespace exposee::net

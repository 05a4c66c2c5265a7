// Plain words for why an attempt got no response, or where it points to: what people read in reports, lists
// and logs. Pure; any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/address/address.h"
#include "core/delivery.h"
#include "core/url/url.h"

namespace exposee::net {

// "15 s", "1.5 s", "200 ms".
std::string duration_words(std::chrono::milliseconds duration);

// Why there is no response. `detail` goes into Response::detail.
struct Failure {
  Cause cause = Cause::none;
  std::string detail;
  bool ours = false;  // this machine lacks something: the attempt has not begun (shortage.h)
};
Failure timed_out(std::chrono::milliseconds limit);       // "Timed out after 15 s"
Failure name_timed_out(std::chrono::milliseconds limit);  // "Name does not resolve: no answer within 5 s"
Failure no_name_server();
Failure connecting_timed_out(std::chrono::milliseconds limit);
Failure handshake_timed_out(std::chrono::milliseconds limit);
Failure closed_early();  // "The connection was closed before a response came"
// errno of the way to that address: "Connection refused"; `ours` as shortage.h has it.
Failure connect_failed(int error, const IpAddress& address);
Failure no_free_connection();
Failure no_certificates();
Failure bad_response(std::string_view why);

// "The receiver redirects to https://new.example/hook": where it points to, as an address that can be
// registered, seen from `from`. Empty: nowhere. What is no part of a URL is left out, and all is at most as
// long as a URL may be.
std::string redirect_words(std::string_view location, const Url& from);

}  // namespace exposee::net

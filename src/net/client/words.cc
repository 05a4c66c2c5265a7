#include "net/client/words.h"

#include <fmt/format.h>

#include "core/failure_words.h"
#include "net/loop/shortage.h"
#include "net/loop/socket.h"

namespace exposee::net {

std::string duration_words(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count < 1000) return std::to_string(count) + " ms";
  if (count % 1000 == 0) return std::to_string(count / 1000) + " s";
  std::string text = std::to_string(count / 1000) + "." + std::to_string(1000 + count % 1000).substr(1);
  while (text.back() == '0') text.pop_back();
  return text + " s";
}

Failure timed_out(std::chrono::milliseconds limit) {
  return {Cause::timeout, "Timed out after " + duration_words(limit)};
}

Failure name_timed_out(std::chrono::milliseconds limit) {
  return {Cause::dns, "Name does not resolve: no answer within " + duration_words(limit)};
}

Failure connecting_timed_out(std::chrono::milliseconds limit) {
  return {Cause::timeout, std::string(kConnectingStalled) + duration_words(limit)};
}

Failure handshake_timed_out(std::chrono::milliseconds limit) {
  return {Cause::timeout, std::string(kHandshakeStalled) + duration_words(limit)};
}

Failure no_name_server() {
  return {Cause::dns, fmt::format("{}no name server can be reached", kOwnShortage), true};
}

Failure no_free_connection() {
  return {Cause::timeout, fmt::format("{}every connection is in use", kOwnShortage), true};
}

Failure no_certificates() {
  return {Cause::tls, fmt::format("{}the system's certificates cannot be read", kOwnShortage), true};
}

Failure closed_early() {
  return {Cause::closed, "The connection was closed before a response came"};
}

Failure connect_failed(int error, const IpAddress& address) {
  if (!is_own_shortage(error, address)) return {Cause::connect, system_words(error)};
  return {Cause::connect, std::string(kOwnShortage) + system_words(error), true};
}

Failure bad_response(std::string_view why) {
  return {Cause::bad_response, why.empty() ? "The response is not valid HTTP" : std::string(why)};
}

namespace {

// Credentials in a URL are refused at registration, and are nothing to write down.
void drop_userinfo(std::string& url) {
  const auto begin = url.find("//");
  if (begin == url.npos) return;
  const auto end = url.find_first_of("/?", begin + 2), at = url.rfind('@', end);
  if (at != url.npos && at > begin) url.erase(begin + 2, at - begin - 1);
}

}  // namespace

std::string redirect_words(std::string_view location, const Url& from) {
  std::string url;
  for (const char c : location.substr(0, location.find('#'))) {
    if (url.size() == kMaxUrlChars) break;
    if (c > ' ' && c <= '~') url += c;
  }
  if (url.empty()) return {};
  const std::string scheme = from.https ? "https:" : "http:";
  if (url.starts_with("//"))
    url.insert(0, scheme);
  else if (url.starts_with('/'))
    url.insert(0, scheme + "//" + from.authority);
  drop_userinfo(url);
  return std::string(kRedirectsTo) + url.substr(0, kMaxUrlChars);
}

}  // namespace exposee::net

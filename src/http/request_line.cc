#include "http/request_line.h"

#include <algorithm>
#include <array>

#include "core/text/ascii.h"
#include "http/grammar.h"
#include "http/limits.h"

namespace exposee::http {
namespace {

constexpr Fault kNoRequest{FaultKind::malformed, "The first line is not 'METHOD target HTTP/1.1'."};
constexpr Fault kNoMethod{FaultKind::malformed, "The first word is not a valid method."};
constexpr Fault kConnect{FaultKind::method_not_implemented,
                         "CONNECT is for proxies, and this server is not one."};
constexpr Fault kVersion{FaultKind::version_not_supported, "Only HTTP/1.0 and HTTP/1.1 are supported."};
constexpr Fault kTargetBytes{FaultKind::malformed,
                             "The request target has a byte that must be percent-encoded."};
constexpr Fault kFragment{FaultKind::malformed, "The request target has a fragment."};
constexpr Fault kTargetForm{FaultKind::malformed, "The request target is neither a path nor a URL."};
constexpr Fault kAsterisk{FaultKind::malformed, "The request target '*' is for OPTIONS."};
constexpr Fault kNoHost{FaultKind::malformed, "Host is missing."};
constexpr Fault kTwoHosts{FaultKind::malformed, "Host is given more than once."};
constexpr Fault kBadHost{FaultKind::malformed, "Host is not a name or address with an optional port."};

Fault version_fault(std::string_view version) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return {};
  const bool some_version = version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) &&
                            version[6] == '.' && is_digit(version[7]);
  return some_version ? kVersion : kNoRequest;
}

Fault target_bytes_fault(std::string_view target) {
  if (!is_visible_ascii(target)) return kTargetBytes;
  if (target.find('#') != std::string_view::npos) return kFragment;
  return {};
}

Fault line_fault(const RequestLine& line, std::string_view version) {
  if (line.method.size() > kMaxMethodBytes || !is_token(line.method)) return kNoMethod;
  if (line.target.empty()) return kNoRequest;
  if (const Fault fault = version_fault(version); fault) return fault;
  if (const Fault fault = target_bytes_fault(line.target); fault) return fault;
  return line.method == "CONNECT" ? kConnect : Fault{};
}

// uri-host [":" port] loosely: the bytes of RFC 3986 section 3.2 without userinfo, and without the comma, by
// which a proxy may have joined two fields into one.
bool is_plausible_host(std::string_view host) {
  static constexpr auto kPlausible = [] {
    std::array<bool, 256> plausible{};
    for (int c = '0'; c <= '9'; ++c) plausible[c] = true;
    for (int c = 'a'; c <= 'z'; ++c) plausible[c] = plausible[c - 'a' + 'A'] = true;
    for (const char c : std::string_view("-._~%!$&'()*+;=:[]"))
      plausible[static_cast<unsigned char>(c)] = true;
    return plausible;
  }();
  return std::ranges::all_of(host, [](unsigned char c) { return kPlausible[c]; });
}

// The length of "http://" or "https://" in front, any case; 0 when there is neither.
std::size_t scheme_size(std::string_view target) {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (equals_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
  }
  return 0;
}

}  // namespace

RequestLine parse_request_line(std::string_view line) {
  RequestLine result;
  const auto method_end = line.find(' ');
  const auto target_end = method_end == line.npos ? line.npos : line.find(' ', method_end + 1);
  if (target_end == line.npos) {
    result.fault = kNoRequest;
    return result;
  }
  result.method = line.substr(0, method_end);
  result.target = line.substr(method_end + 1, target_end - method_end - 1);
  result.minor_version = line.back() == '0' ? 0 : 1;
  result.fault = line_fault(result, line.substr(target_end + 1));
  return result;
}

Fault host_fault(const HeadFacts& facts, int minor_version) {
  if (facts.hosts > 1) return kTwoHosts;
  if (facts.hosts == 0) return minor_version == 0 ? Fault{} : kNoHost;
  return is_plausible_host(facts.host) ? Fault{} : kBadHost;
}

Fault settle_target(Method method, std::string& target, std::string& authority_of_url) {
  authority_of_url.clear();
  if (target.front() == '/') return {};
  if (target == "*") return method == Method::options ? Fault{} : kAsterisk;
  const std::size_t authority_at = scheme_size(target);
  if (authority_at == 0) return kTargetForm;
  const std::size_t authority_end = std::min(target.find_first_of("/?", authority_at), target.size());
  const auto authority = std::string_view(target).substr(authority_at, authority_end - authority_at);
  if (authority.empty() || !is_plausible_host(authority)) return kTargetForm;
  authority_of_url = authority;
  target.erase(0, authority_end);
  // RFC 9112 section 3.2.4: a URL without a path means the whole server to OPTIONS, the root to all others.
  if (target.empty()) {
    target.push_back(method == Method::options ? '*' : '/');
  } else if (target.front() == '?') {
    target.insert(target.begin(), '/');
  }
  return {};
}

}  // namespace exposee::http

// The one strict parser of receivers' URLs (promises section 3.1-3.2). What it accepts it gives in the URL
// standard's normal form, and that is what is stored, shown, compared and connected to. Values only; any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace exposee {

// As sent and in normal form; the limit that integrators were promised. Bytes: a normal form is ASCII.
constexpr std::size_t kMaxUrlChars = 2083;

enum class HostKind : std::uint8_t { name, ipv4, ipv6 };

struct Url {
  bool https = false;
  HostKind host_kind = HostKind::name;
  std::string host;         // lower-case ASCII (punycode), or the literal address without brackets
  std::uint16_t port = 80;  // the default when not given
  std::string target;       // path and query, "/" at least: what the request line says
  std::string text;         // the whole URL in normal form
  std::string authority;    // value of the Host header: host, brackets for IPv6, port unless default
  bool operator==(const Url& other) const { return text == other.text; }
};

// Why a URL is refused; `type` is the contract's word for it.
enum class UrlFault : std::uint8_t { parsing, scheme, too_long, rule };
struct UrlError {
  UrlFault fault;
  std::string message;  // names the rule and the way out
};
std::string_view to_text(UrlFault fault);  // "url_parsing", "url_scheme", "url_too_long", "value_error"

// The text is read as the URL standard reads it, and then refused when it breaks a rule. So whatever the
// standard cannot read is `parsing`, as integrators know it; what it can read but should not be sent to is
// `rule`: characters the standard would drop or replace, userinfo, fragment, backslash, blanks, a host not
// written plainly (percent-encoded, an IPv4 address in another form than four decimal octets, letters that
// IDNA maps to others, labels that no name server resolves), another number of slashes than two before an
// address, ports of other services. Before a name any number of slashes is read as two: it cannot hide where
// the URL leads.
std::expected<Url, UrlError> parse_url(std::string_view text);

// What was stored is read without the rules of admission, for ever: a rule that a later version adds keeps
// new URLs out, and lets what is there be listed, removed and shown. Cuts the text into its parts and changes
// nothing of it; nothing when it is not even that: http or https, a host, a port if any, visible ASCII.
std::optional<Url> read_stored_url(std::string_view stored);

// The rules of today asked of a stored URL, before something is sent there. Its length is not: that was
// judged when it came in, and leads nowhere else.
std::expected<Url, UrlError> judge_stored_url(std::string_view stored);

// As parse_url(), for the address of a server, which may listen where no delivery would go: any port but 0.
std::expected<Url, UrlError> parse_server_url(std::string_view text);

}  // namespace exposee

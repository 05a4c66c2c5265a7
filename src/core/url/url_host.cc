#include "core/url/url_host.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/address/ip_address.h"
#include "core/text/ascii.h"
#include "core/text/text.h"
#include "core/url/percent.h"
#include "core/url/url_idna.h"

namespace exposee {
namespace {

using Outcome = std::expected<UrlHost, std::string>;
using Labels = std::vector<std::string_view>;

constexpr std::size_t kMaxNameBytes = 253;  // RFC 1035 2.3.4, as text
constexpr std::size_t kMaxLabelBytes = 63;
constexpr std::string_view kEncodedPrefix = "xn--";  // of a label in punycode

std::unexpected<std::string> no_host(std::string why) {
  return std::unexpected(std::move(why));
}

Labels split_labels(std::string_view name) {
  Labels labels;
  for (;;) {
    const auto dot = name.find('.');
    labels.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return labels;
    name.remove_prefix(dot + 1);
  }
}

// The URL standard's "forbidden domain code points".
bool has_forbidden(std::string_view name) {
  constexpr std::string_view kForbidden = " #/:<>?@[\\]^|%\x7f";
  return std::ranges::any_of(name, [&](char c) {
    return static_cast<unsigned char>(c) < 0x20 || kForbidden.find(c) != std::string_view::npos;
  });
}

// --- IPv4 as the URL standard reads it ("IPv4 parser"): only to tell an odd spelling from nonsense. ---

std::optional<std::uint64_t> parse_ipv4_number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t base = 10;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0 || static_cast<std::uint64_t>(digit) >= base) return std::nullopt;
    value = std::min<std::uint64_t>(value * base + static_cast<std::uint64_t>(digit), std::uint64_t{1} << 40);
  }
  return value;
}

bool ends_in_number(Labels labels) {
  if (labels.size() > 1 && labels.back().empty()) labels.pop_back();
  const std::string_view last = labels.back();
  if (!last.empty() && std::ranges::all_of(last, is_digit)) return true;
  return last.starts_with("0x") && parse_ipv4_number(last).has_value();
}

std::optional<IpAddress> parse_odd_ipv4(Labels labels) {
  if (labels.size() > 1 && labels.back().empty()) labels.pop_back();
  if (labels.size() > 4) return std::nullopt;
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto number = parse_ipv4_number(labels[i]);
    const bool last = i + 1 == labels.size();
    const int bits = last ? 8 * static_cast<int>(4 - i) : 8;  // the last number fills what is left
    if (!number || *number >> bits != 0) return std::nullopt;
    address |= *number << (last ? 0 : 24 - 8 * static_cast<int>(i));
  }
  IpAddress result;
  for (int i = 0; i < 4; ++i)
    result.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(address >> (24 - 8 * i));
  return result;
}

Outcome parse_numeric(std::string_view host) {
  if (const auto plain = IpAddress::parse(host)) return UrlHost{HostKind::ipv4, plain->text(), {}};
  const auto odd = parse_odd_ipv4(split_labels(host));
  if (!odd) return no_host(fmt::format("'{}' is not a valid IPv4 address", host));
  return UrlHost{HostKind::ipv4, odd->text(),
                 fmt::format("The host is the IPv4 address {} in disguise; write its four decimal numbers",
                             odd->text())};
}

Outcome parse_bracketed(std::string_view written) {
  if (!written.ends_with(']'))
    return no_host("An IPv6 address must be in brackets, and only the port may follow them");
  const std::string_view inner = written.substr(1, written.size() - 2);
  const auto address = IpAddress::parse(inner);
  if (!address || !address->v6) {
    return no_host(fmt::format("'{}' is not a valid IPv6 address (zone ids are not allowed)", inner));
  }
  return UrlHost{HostKind::ipv6, address->text(), {}};
}

// --- Names ---

// A label in punycode stands for one that needs it, and is written as that one is.
bool encodes_itself(std::string_view label) {
  if (!label.starts_with(kEncodedPrefix)) return true;
  const auto unicode = label_to_unicode(label);
  if (is_ascii(unicode)) return false;
  const auto again = domain_to_ascii(unicode);
  return again && *again == label;
}

std::expected<std::string, std::string> to_ascii(const std::string& name) {
  auto ascii = domain_to_ascii(name);
  if (!ascii) return no_host(fmt::format("The host is not a valid international name: {}", ascii.error()));
  if (std::ranges::all_of(split_labels(*ascii), encodes_itself)) return ascii;
  return no_host(
      "The host is not a valid international name: a label that begins with xn-- is not valid punycode");
}

// IDNA also maps full-width and circled letters, other dots and invisible characters to plain ones. Such
// spellings are used to deceive; a plain spelling differs in upper case and in letters written in parts only.
bool is_plain_label(std::string_view written, std::string_view ascii) {
  if (is_ascii(written)) return ascii_lower_case(written) == ascii;
  return label_to_unicode(ascii) == composed_lower_case(written);
}

bool is_plainly_spelled(std::string_view written, std::string_view ascii) {
  const Labels before = split_labels(written), after = split_labels(ascii);
  return std::ranges::equal(before, after, is_plain_label);
}

std::optional<std::string> broken_label_rule(std::string_view label) {
  if (label.empty()) return "The host has an empty label";
  if (label.size() > kMaxLabelBytes)
    return fmt::format("A label of the host is longer than {} bytes", kMaxLabelBytes);
  if (label.front() == '-' || label.back() == '-') return "A label of the host begins or ends with '-'";
  const bool plain = std::ranges::all_of(
      label, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_'; });
  if (!plain) return "The host has a character other than letters, digits, '-', '_' and dots";
  return std::nullopt;
}

std::optional<std::string> broken_name_rule(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);  // the root, which stays as written
  if (name.size() > kMaxNameBytes) return fmt::format("The host is longer than {} bytes", kMaxNameBytes);
  for (const auto label : split_labels(name)) {
    if (auto rule = broken_label_rule(label)) return rule;
  }
  return std::nullopt;
}

bool needs_idna(std::string_view lower) {
  if (!is_ascii(lower)) return true;
  return std::ranges::any_of(split_labels(lower),
                             [](auto label) { return label.starts_with(kEncodedPrefix); });
}

Outcome parse_name(const std::string& name) {
  std::string ascii = ascii_lower_case(name);
  bool plain = true;
  if (needs_idna(ascii)) {
    auto mapped = to_ascii(ascii);
    if (!mapped) return no_host(std::move(mapped.error()));
    ascii = *std::move(mapped);
    plain = is_plainly_spelled(name, ascii);
  }
  if (ascii.empty() || has_forbidden(ascii))
    return no_host("The host has a character that is not allowed in names");
  if (ends_in_number(split_labels(ascii))) {
    auto numeric = parse_numeric(ascii);
    if (numeric && !plain) numeric->broken_rule = "The host is an IPv4 address in disguise";
    return numeric;
  }
  auto rule = broken_name_rule(ascii);
  if (!plain)
    rule = fmt::format("The host is written in characters that stand for others; write '{}'", ascii);
  return UrlHost{HostKind::name, std::move(ascii), std::move(rule)};
}

}  // namespace

std::expected<UrlHost, std::string> parse_url_host(std::string_view written) {
  if (written.empty()) return no_host("The URL has no host");
  if (written.starts_with('[')) return parse_bracketed(written);
  const std::string decoded = percent_decoded(written, false);
  if (!is_valid_utf8(decoded)) return no_host("The host is not valid UTF-8");
  if (has_forbidden(decoded)) return no_host("The host has a character that is not allowed in names");
  auto host = parse_name(decoded);
  if (host && decoded != written) host->broken_rule = "The host is percent-encoded; write it plainly";
  return host;
}

}  // namespace exposee

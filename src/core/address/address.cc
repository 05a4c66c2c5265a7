#include "core/address/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/address/blocked_networks.h"
#include "core/assert.h"
#include "core/failure_words.h"

namespace exposee {
namespace {

// Where clouds give credentials to any caller inside.
constexpr std::array<std::string_view, 11> kMetadataAddresses = {
    "169.254.169.254",  // AWS, Azure, Google, most others
    "169.254.170.2",    // AWS ECS tasks
    "169.254.170.23",   // AWS EKS pods
    "169.254.0.23",     // Tencent
    "169.254.42.42",    // Scaleway
    "168.63.129.16",    // Azure WireServer
    "100.100.100.200",  // Alibaba
    "192.0.0.192",      // Oracle
    "fd00:ec2::254",    // AWS
    "fd00:ec2::23",     // AWS EKS pods
    "fd20:ce::254",     // Google
};
constexpr std::array<std::string_view, 4> kMetadataNames = {
    "metadata.google.internal", "metadata.goog", "instance-data.ec2.internal", "metadata.tencentyun.com"};

// What allow_private opens; all of it stands in the deny table or outside 2000::/3.
constexpr std::array<std::string_view, 9> kPrivateNetworks = {
    "10.0.0.0/8",    "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
    "100.64.0.0/10", "::1/128",       "fc00::/7",       "fe80::/10"};

// Names that lead into the network of the resolving host: special-use names (RFC 6761, 6762, 7686, 8375,
// 9476 and their kin) and what private networks use by habit. A name without any dot counts as well.
constexpr std::array<std::string_view, 13> kPrivateSuffixes = {
    "localhost", "localdomain", "local",     "internal", "intranet", "private", "corp",
    "home",      "lan",         "home.arpa", "onion",    "svc",      "alt"};

template <std::size_t N>
std::vector<Network> parse_all(const std::array<std::string_view, N>& texts) {
  std::vector<Network> networks;
  for (const auto text : texts) {
    auto network = Network::parse(text);
    EXPOSEE_ASSERT(network, "the built-in tables hold networks");
    networks.push_back(*network);
  }
  return networks;
}

std::array<std::string_view, kBlockedNetworks.size()> blocked_cidrs() {
  std::array<std::string_view, kBlockedNetworks.size()> cidrs;
  std::ranges::transform(kBlockedNetworks, cidrs.begin(), &BlockedNetwork::cidr);
  return cidrs;
}

bool any_contains(const std::vector<Network>& networks, const IpAddress& address) {
  return std::ranges::any_of(networks, [&](const Network& n) { return n.contains(address); });
}

bool is_metadata(const IpAddress& address) {
  static const std::vector<Network> all = parse_all(kMetadataAddresses);
  return any_contains(all, address);
}

bool is_private(const IpAddress& address) {
  static const std::vector<Network> all = parse_all(kPrivateNetworks);
  return any_contains(all, address);
}

// Why the address is none to deliver to over the Internet; empty when it is one.
std::string_view denial(const IpAddress& address) {
  static const std::vector<Network> blocked = parse_all(blocked_cidrs());
  static const Network global_v6 = Network::parse("2000::/3").value();
  for (std::size_t i = 0; i < blocked.size(); ++i) {
    if (blocked[i].contains(address)) return kBlockedNetworks[i].reason;
  }
  if (!address.v6) return {};
  if (!global_v6.contains(address)) return "outside 2000::/3";
  return is_isatap(address) ? "ISATAP" : std::string_view{};
}

bool opened(const AddressPolicy& policy, const IpAddress& address) {
  return denial(address).empty() || (policy.allow_private && is_private(address)) ||
         any_contains(policy.allow_networks, address);
}

std::string_view without_final_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool is_below(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return false;
  name.remove_suffix(suffix.size());
  return name.ends_with('.');
}

bool is_allowed_host(const AddressPolicy& policy, std::string_view host) {
  const std::string_view name = without_final_dot(host);
  return std::ranges::any_of(policy.allow_hosts, [&](std::string_view allowed) {
    if (allowed.starts_with("*.")) return is_below(name, allowed.substr(2));
    return name == without_final_dot(allowed);
  });
}

bool is_private_name(std::string_view name) {
  if (name.find('.') == std::string_view::npos) return true;
  return std::ranges::any_of(kPrivateSuffixes,
                             [&](std::string_view suffix) { return is_below(name, suffix); });
}

std::string_view text_of(PrivateRule rule) {
  switch (rule) {
    case PrivateRule::listener:
      return "this server listens on other addresses than loopback";
    case PrivateRule::public_url:
      return "this server is reachable by others (server.public_url is set)";
    case PrivateRule::more_hosts:
      return "this server is reachable by others (server.allowed_hosts is set)";
    case PrivateRule::setting:
      return "security.allow_private is false";
    case PrivateRule::page:
      return "a web page of another origin registers public receivers only";
    case PrivateRule::endpoint:
      break;
  }
  return kPublicReceiversOnly;
}

// No setting opens what is private to pages, nor to what they registered.
std::string way_out(PrivateRule rule, std::string_view settings) {
  if (rule == PrivateRule::page) return "register it with a client that is not a web page";
  if (rule == PrivateRule::endpoint) return "set the endpoint's public_only to false if you trust its URL";
  return fmt::format("its {}{}", kOperatorCanAllow, settings);
}

std::optional<std::string> refuse_name(const AddressPolicy& policy, std::string_view host) {
  const std::string_view name = without_final_dot(host);
  if (std::ranges::find(kMetadataNames, name) != kMetadataNames.end()) {
    return fmt::format("'{}' {}", name, kMetadataService);
  }
  if (policy.allow_private || !is_private_name(name) || is_allowed_host(policy, name)) return std::nullopt;
  return fmt::format("'{}' is a name of a private network, and {}; {}", name, text_of(policy.private_rule),
                     way_out(policy.private_rule, "security.allow_hosts"));
}

}  // namespace

void AddressPolicy::set_private(AllowPrivate setting, const Exposure& exposure) {
  allow_private = setting == AllowPrivate::automatic ? !exposure.to_others() : setting == AllowPrivate::yes;
  private_rule = setting == AllowPrivate::no ? PrivateRule::setting
                 : exposure.beyond_loopback  ? PrivateRule::listener
                 : exposure.public_url       ? PrivateRule::public_url
                                             : PrivateRule::more_hosts;
}

AddressPolicy AddressPolicy::public_only(PrivateRule rule) const {
  return {.https_only = https_only, .allow_networks = {}, .allow_hosts = {}, .private_rule = rule};
}

std::optional<std::string> refuse_address(const AddressPolicy& policy, const IpAddress& address,
                                          std::string_view host) {
  const auto inner = embedded_ipv4(address);
  if (is_metadata(address) || (inner && is_metadata(*inner))) {
    return fmt::format("{} {}", address.text(), kMetadataService);
  }
  // An IPv4-mapped address is the IPv4 address. Of the other forms both layers must be open: what is allowed
  // to be reached through a translator is still judged by where the translator leads.
  const bool mapped = is_ipv4_mapped(address);
  const bool outer_open = mapped || opened(policy, address);
  if (outer_open && (!inner || opened(policy, *inner))) return std::nullopt;
  if (is_allowed_host(policy, host)) return std::nullopt;
  const IpAddress& culprit = outer_open ? *inner : address;
  // Else no exposure would open it.
  const bool by_rule = is_private(culprit) || policy.private_rule == PrivateRule::endpoint;
  return fmt::format("Deliveries to {} are not allowed ({}{}{}); {}", culprit.text(), denial(culprit),
                     by_rule ? ", and " : "", by_rule ? text_of(policy.private_rule) : "",
                     way_out(policy.private_rule, "security.allow_networks, or its host in security.allow_hosts"));
}

std::optional<std::string> refuse_url(const AddressPolicy& policy, const Url& url) {
  if (policy.https_only && !url.https) return "Only https URLs are accepted here (security.https_only)";
  if (url.host_kind == HostKind::name) return refuse_name(policy, url.host);
  const auto address = IpAddress::parse(url.host);
  EXPOSEE_ASSERT(address, "a parsed URL's literal address is one");
  return refuse_address(policy, *address, url.host);
}

}  // namespace exposee

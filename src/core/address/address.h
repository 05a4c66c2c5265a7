// Which addresses and names a delivery may go to (promises section 3). Decided at registration on what the
// URL says, and again at the moment of connecting on the address really used. Values only; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/exposure.h"
#include "core/address/ip_address.h"
#include "core/url/url.h"

namespace exposee {

// What closes loopback and private receivers; a refusal names it.
enum class PrivateRule : std::uint8_t {
  listener,    // a listener beyond loopback
  public_url,  // server.public_url
  more_hosts,  // server.allowed_hosts
  setting,     // security.allow_private = false
  page,  // a call by a web page of another origin, which may register public receivers only (promises section 4)
  endpoint,  // EndpointSettings::public_only
};

struct AddressPolicy {
  bool allow_private = false;  // loopback and private receivers, addresses and names
  bool https_only = false;     // security.https_only
  std::vector<Network> allow_networks;                // security.allow_networks
  std::vector<std::string> allow_hosts;               // security.allow_hosts: exact lower-case names, or "*.suffix"
  PrivateRule private_rule = PrivateRule::listener;  // meaningful when allow_private is false

  // Opens private receivers, or says which rule closes them.
  void set_private(AllowPrivate setting, const Exposure& exposure);
  // Nothing that is not public, whatever the operator opened; refusals name `rule`.
  AddressPolicy public_only(PrivateRule rule) const;
};

// Nothing when allowed; else one sentence naming the rule and how the operator can allow it. `host` is the
// URL's (Url::host): a name in allow_hosts may lead to any address but a metadata one. Metadata addresses
// (169.254.169.254, 168.63.129.16, fd00:ec2::254, 100.100.100.200, 192.0.0.192 and their like) are refused
// always, also when an IPv6 address carries one inside.
std::optional<std::string> refuse_address(const AddressPolicy& policy, const IpAddress& address,
                                          std::string_view host);
// At registration: the host of the URL, be it a name (localhost, single labels, .local, .internal, ...) or an
// address.
std::optional<std::string> refuse_url(const AddressPolicy& policy, const Url& url);

}  // namespace exposee

// The host of a URL: a part of core/url/url.h, which alone should call this. Values only; any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/url/url.h"

namespace exposee {

struct UrlHost {
  HostKind kind = HostKind::name;
  std::string text;                        // normal form; without brackets
  std::optional<std::string> broken_rule;  // it can be read, but a rule refuses it
};

// `written`: what stands between the slashes and the port, brackets included. Error: why it is not a host at
// all.
std::expected<UrlHost, std::string> parse_url_host(std::string_view written);

}  // namespace exposee

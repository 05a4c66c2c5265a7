// Whether a URL may be registered: for every call that registers one. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "api/options.h"
#include "core/url/url.h"

namespace exposee::api {

// Nothing, or one sentence saying which rule refuses it and what to do. `public_only`: what demands a public
// receiver, if anything does: a page of another origin registers it (api/access/access.h), or the endpoint is
// so.
inline std::optional<std::string> refuse_receiver(const ApiOptions& options, const Url& url,
                                                  std::optional<PrivateRule> public_only) {
  if (auto own = refuse_own(options.own_listeners, url)) return own;
  const auto& policy = options.address_policy;
  return public_only ? refuse_url(policy.public_only(*public_only), url) : refuse_url(policy, url);
}

}  // namespace exposee::api

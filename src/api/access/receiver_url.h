// Whether a URL may be registered: what every call that registers one asks. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "api/options.h"
#include "core/url/url.h"

namespace exposee::api {

// Nothing, or one sentence saying which rule refuses it and what to do. `foreign_page`: a page of another origin
// registers it (api/access/access.h).
inline std::optional<std::string> refuse_receiver(const ApiOptions& options, const Url& url, bool foreign_page) {
  if (auto own = refuse_own(options.own_listeners, url)) return own;
  const auto& policy = options.address_policy;
  return foreign_page ? refuse_url(policy.for_foreign_pages(), url) : refuse_url(policy, url);
}

}  // namespace exposee::api

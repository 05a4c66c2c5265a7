// Whether a URL may be registered: what every call that registers one asks. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "api/options.h"
#include "core/url.h"

namespace exposee::api {

// Nothing, or one sentence saying which rule refuses it and what to do.
inline std::optional<std::string> refuse_receiver(const ApiOptions& options, const Url& url) {
  if (auto own = refuse_own(options.own_listeners, url)) return own;
  return refuse_url(options.address_policy, url);
}

}  // namespace exposee::api

#include "engine/target.h"

#include "core/assert.h"

namespace exposee::engine {

TargetRef make_target(const Endpoint& endpoint, std::chrono::milliseconds default_timeout) {
  auto url = parse_url(endpoint.url);
  EXPOSEE_ASSERT(url.has_value(), "the registry holds valid URLs only");
  auto key = SigningKey::parse(endpoint.secret);
  EXPOSEE_ASSERT(key.has_value(), "the registry holds valid secrets only");
  auto target = std::make_shared<Target>();
  target->endpoint = endpoint.number;
  target->url = std::move(*url);
  target->keys.push_back(std::move(*key));
  target->timeout = endpoint.timeout ? *endpoint.timeout : default_timeout;
  return target;
}

}  // namespace exposee::engine

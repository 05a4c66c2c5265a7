#include "engine/target.h"

namespace exposee::engine {
namespace {

// Stands in for a URL that cannot be read: nothing is ever sent there.
Url nowhere(std::string stored) {
  return {.host = "unreadable.invalid",
          .target = "/",
          .text = std::move(stored),
          .authority = "unreadable.invalid"};
}

}  // namespace

std::string unreadable(const Endpoint& endpoint) {
  if (!read_stored_url(endpoint.url)) return "its stored URL cannot be read";
  if (!SigningKey::parse(endpoint.secret)) return "its stored secret cannot be read";
  return {};
}

// Connected is to what the rules of today have read; only where they refuse it, the parts are as stored.
TargetRef make_target(const Endpoint& endpoint, std::chrono::milliseconds default_timeout) {
  auto target = std::make_shared<Target>();
  target->endpoint = endpoint.number;
  target->public_only = endpoint.settings.public_only;
  target->timeout = endpoint.settings.timeout ? *endpoint.settings.timeout : default_timeout;
  if (auto judged = judge_stored_url(endpoint.url)) {
    target->url = *std::move(judged);
  } else {
    target->url = read_stored_url(endpoint.url).value_or(nowhere(endpoint.url));
    target->blocked = std::move(judged.error().message);
  }
  if (auto key = SigningKey::parse(endpoint.secret)) {
    target->keys.push_back(*std::move(key));
  } else if (target->blocked.empty()) {
    target->blocked = "The endpoint's stored secret cannot be read; remove the endpoint and create it anew";
  }
  return target;
}

}  // namespace exposee::engine

#include "net/client/origin.h"

#include "core/assert.h"

namespace exposee::net {
namespace {

// A host has no space in it.
std::string key_of(bool https, bool public_only, std::string_view host, std::uint16_t port,
                     std::string_view owner) {
  std::string key = (https ? "s" : "p") + std::to_string(port) + (public_only ? "! " : " ");
  return key.append(host).append(" ").append(owner);
}

}  // namespace

Origin& Origins::enter(const Target& target) {
  const Url& url = target.url;
  auto& origin = origins_[key_of(url.https, target.public_only, url.host, url.port, target.owner)];
  if (origin == nullptr) {
    origin = std::make_unique<Origin>();
    origin->owner = target.owner;
    origin->public_only = target.public_only;
    origin->https = url.https;
    origin->host_kind = url.host_kind;
    origin->host = url.host;
    origin->port = url.port;
  }
  ++origin->users;
  return *origin;
}

void Origins::leave(Origin& origin) {
  EXPOSEE_ASSERT(origin.users > 0, "an origin is left as often as it is entered");
  if (--origin.users == 0)
    origins_.erase(key_of(origin.https, origin.public_only, origin.host, origin.port, origin.owner));
}

ClientConnection* Origins::take_idle(Origin& origin) {
  if (origin.idle.empty()) return nullptr;
  auto& connection = origin.idle.front();
  remove_idle(connection);
  return &connection;
}

void Origins::put_idle(ClientConnection& connection) {
  connection.origin().idle.push_front(connection);
  all_idle_.push_back(connection);
}

void Origins::remove_idle(ClientConnection& connection) {
  if (!connection.in_all_idle.is_linked()) return;
  connection.origin().idle.erase(connection.origin().idle.iterator_to(connection));
  all_idle_.erase(all_idle_.iterator_to(connection));
}

void Origins::forget_sessions() {
  for (auto& [key, origin] : origins_) origin->tls_session = {};
}

ClientConnection* Origins::oldest_idle() {
  return all_idle_.empty() ? nullptr : &all_idle_.front();
}

}  // namespace exposee::net

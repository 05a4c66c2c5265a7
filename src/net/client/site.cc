#include "net/client/site.h"

#include "core/assert.h"

namespace exposee::net {
namespace {

// A host has no space in it.
std::string site_key(bool https, bool public_only, std::string_view host, std::uint16_t port,
                     std::string_view owner) {
  std::string key = (https ? "s" : "p") + std::to_string(port) + (public_only ? "! " : " ");
  return key.append(host).append(" ").append(owner);
}

}  // namespace

Site& Sites::enter(const Target& target) {
  const Url& url = target.url;
  auto& site = sites_[site_key(url.https, target.public_only, url.host, url.port, target.owner)];
  if (site == nullptr) {
    site = std::make_unique<Site>();
    site->owner = target.owner;
    site->public_only = target.public_only;
    site->https = url.https;
    site->host_kind = url.host_kind;
    site->host = url.host;
    site->port = url.port;
  }
  ++site->users;
  return *site;
}

void Sites::leave(Site& site) {
  EXPOSEE_ASSERT(site.users > 0, "a site is left as often as it is entered");
  if (--site.users == 0)
    sites_.erase(site_key(site.https, site.public_only, site.host, site.port, site.owner));
}

ClientConnection* Sites::take_idle(Site& site) {
  if (site.idle.empty()) return nullptr;
  auto& connection = site.idle.front();
  remove_idle(connection);
  return &connection;
}

void Sites::put_idle(ClientConnection& connection) {
  connection.site().idle.push_front(connection);
  all_idle_.push_back(connection);
}

void Sites::remove_idle(ClientConnection& connection) {
  if (!connection.in_all_idle.is_linked()) return;
  connection.site().idle.erase(connection.site().idle.iterator_to(connection));
  all_idle_.erase(all_idle_.iterator_to(connection));
}

void Sites::forget_sessions() {
  for (auto& [key, site] : sites_) site->tls_session = {};
}

ClientConnection* Sites::oldest_idle() {
  return all_idle_.empty() ? nullptr : &all_idle_.front();
}

}  // namespace exposee::net

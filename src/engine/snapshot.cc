#include <algorithm>

#include "core/event_type.h"
#include "engine/commands.h"
#include "engine/target.h"

namespace exposee::engine {
namespace {

const EventType* find_number(const std::vector<EventType>& types, TypeNumber number) {
  auto it = std::ranges::lower_bound(types, number, {}, &EventType::number);
  return it != types.end() && it->number == number ? &*it : nullptr;
}

}  // namespace

const EventType* RegistrySnapshot::type_named(std::string_view name) const {
  const auto* type = any_type_named(name);
  return type && !type->removed_at ? type : nullptr;
}

const EventType* RegistrySnapshot::any_type_named(std::string_view name) const {
  const auto number = type_numbers.find(name);
  const auto* type = number ? type_numbered(*number) : nullptr;
  return type && type->name == name ? type : nullptr;
}

const EventType* RegistrySnapshot::type_numbered(TypeNumber number) const {
  const auto* live = find_number(types, number);
  return live ? live : find_number(removed_types, number);
}

const Endpoint* RegistrySnapshot::endpoint_with(const EndpointId& id) const {
  const auto* endpoint = any_endpoint_with(id);
  return endpoint && !endpoint->removed_at ? endpoint : nullptr;
}

const Endpoint* RegistrySnapshot::any_endpoint_with(const EndpointId& id) const {
  const auto number = numbers.find(id);
  const auto* endpoint = number ? endpoint_numbered(*number) : nullptr;
  return endpoint && endpoint->id == id ? endpoint : nullptr;
}

const Endpoint* RegistrySnapshot::endpoint_numbered(EndpointNumber number) const {
  return endpoints.find(number);
}

const Endpoint* RegistrySnapshot::endpoint_at(std::string_view url) const {
  const auto number = url_numbers.find(hash_of_url(url));
  const auto* endpoint = number ? endpoints.find(*number) : nullptr;
  if (!endpoint) return nullptr;
  if (endpoint->url == url) return endpoint->removed_at ? nullptr : endpoint;
  // Two URLs of one hash: rare enough to look at all.
  const auto it = std::ranges::find_if(endpoints, [&](const auto& e) { return e->url == url; });
  return it == endpoints.end() ? nullptr : it->get();
}

std::vector<const Endpoint*> RegistrySnapshot::subscribed_to(std::string_view type_name) const {
  std::vector<std::pair<RegistryVersion, const Endpoint*>> found;
  for (const auto& endpoint : endpoints) {
    auto it =
        std::ranges::find_if(endpoint->events, [&](const auto& e) { return matches(e.pattern, type_name); });
    if (it != endpoint->events.end()) found.emplace_back(it->since, endpoint.get());
  }
  std::ranges::stable_sort(found, {}, &std::pair<RegistryVersion, const Endpoint*>::first);
  std::vector<const Endpoint*> ordered;
  for (const auto& [since, endpoint] : found) ordered.push_back(endpoint);
  return ordered;
}

std::size_t hash_of_url(std::string_view url) {
  return std::hash<std::string_view>{}(url);
}

std::string disabled_words(const Endpoint& endpoint) {
  if (endpoint.disabled_reason.empty()) return {};
  std::string words = "The endpoint is disabled";
  if (endpoint.disabled_at) words += " since " + iso_text(*endpoint.disabled_at);
  words += ": " + endpoint.disabled_reason + ". ";
  if (!unreadable(endpoint).empty()) return words + "Unregister the URL, and register it again.";
  return words + "Enable it with POST /v1/endpoints/" + endpoint.id.text() + "/enable.";
}

}  // namespace exposee::engine

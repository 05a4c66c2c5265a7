// What a caller may know of the registry. Handlers look at it through this and at nothing else, so that what a caller
// must not see is left out in one place. A value: it stays as it was when it was taken. Any thread.
#pragma once

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/commands.h"

namespace exposee::api {

class RegistryView {
 public:
  explicit RegistryView(std::shared_ptr<const engine::RegistrySnapshot> whole) : whole_(std::move(whole)) {}

  const std::vector<EventType>& types() const { return whole_->types; }  // those not removed, in order of number
  const EventType* type_named(std::string_view name) const { return whole_->type_named(name); }
  // Removed ones too: their events stay.
  const EventType* any_type_named(std::string_view name) const { return whole_->any_type_named(name); }
  const EventType* type_numbered(TypeNumber number) const { return whole_->type_numbered(number); }

  // Those not removed, in order of creation, which is that of their numbers.
  const engine::EndpointTable& endpoints() const { return whole_->endpoints; }
  const Endpoint* endpoint_with(const EndpointId& id) const { return whole_->endpoint_with(id); }
  const Endpoint* endpoint_at(std::string_view url) const { return whole_->endpoint_at(url); }  // as it is stored
  // Removed ones too: deliveries are known for longer than their endpoints.
  const Endpoint* any_endpoint_with(const EndpointId& id) const { return whole_->any_endpoint_with(id); }
  const Endpoint* endpoint_numbered(EndpointNumber number) const { return whole_->endpoint_numbered(number); }

  bool is_same(const RegistryView& other) const { return whole_ == other.whole_; }

 private:
  std::shared_ptr<const engine::RegistrySnapshot> whole_;
};

// Where one caller's views come from, also later and on another thread. Cheap to copy.
class RegistryDoor {
 public:
  explicit RegistryDoor(const engine::RegistrySource& source) : source_(&source) {}
  RegistryView now() const { return RegistryView(source_->registry()); }

 private:
  const engine::RegistrySource* source_;
};

}  // namespace exposee::api

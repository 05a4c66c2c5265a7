// Commands about endpoints that must wait until what the endpoint was owed has ended: that it is enabled, and
// whatever is asked of it after that. In order of arrival for each endpoint. Owned by the engine; its thread.
#pragma once

#include <vector>

#include "engine/commands.h"
#include "engine/housekeeping.h"

namespace exposee::engine {

class Deferrals {
 public:
  explicit Deferrals(const Housekeeping& housekeeping) : housekeeping_(housekeeping) {}

  bool empty() const { return deferred_.empty(); }
  bool hold(EndpointNumber number) const;  // whether a command about it waits here
  bool any_ready() const;
  void put(EndpointNumber number, Command&& command) { deferred_.push_back({number, std::move(command)}); }
  // Those that need not wait any more, in front of the others.
  void bring(std::vector<Command>& commands);
  // All of them, to be refused.
  void give_up(std::vector<Command>& commands);

 private:
  struct Deferred {
    EndpointNumber endpoint;
    Command command;
  };
  bool waits(const Deferred& deferred) const { return housekeeping_.is_cancelling(deferred.endpoint); }

  const Housekeeping& housekeeping_;
  std::vector<Deferred> deferred_;
};

}  // namespace exposee::engine

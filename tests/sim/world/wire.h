// What leaves the process when an attempt starts: the real code judges where the endpoint's name leads, and
// writes and signs the request. Checked is what arrives, by what operators were told: I11, I12, who signed,
// and one id for all attempts (I5). Part of a story; one thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/client/request_head.h"
#include "net/dial/address_gate.h"
#include "sim/world/world.h"

namespace exposee::sim {

class Wire {
 public:
  // From now on every attempt goes through it. `elsewhere`: how often a name leads to an address of others.
  Wire(World& world, std::uint64_t seed, double elsewhere);

  // --- what operators were told ---
  void is_created(const Endpoint& endpoint);
  // Nothing: it is not known.
  void is_public_only(EndpointNumber number, std::optional<bool> is) { told_[number].public_only = is; }
  void be_peaceful() { elsewhere_ = 0; }  // every name leads to its receiver

 private:
  struct Told {
    std::string url, secret;  // empty: nobody was told
    std::optional<bool> public_only;
  };

  std::optional<std::string> send(const SendJob& job);
  std::vector<IpAddress> resolve();
  std::string request_of(const SendJob& job);
  Told told_of(EndpointNumber number) const;
  void check_address(const Told& told, const std::vector<IpAddress>& addresses) const;
  void check_request(const Told& told, const SendJob& job, std::string_view head);
  void check_words(std::string_view words) const;

  World& world_;
  SimRandom random_;
  double elsewhere_;
  net::AddressGate gate_;
  net::RequestHeads heads_{random_};
  std::map<EndpointNumber, Told> told_;
  std::map<EventId, std::string> ids_;
};

}  // namespace exposee::sim

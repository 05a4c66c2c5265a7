// In which order the addresses of a name are tried (RFC 8305 section 4): the families take turns, the one
// that RFC 6724's default policy prefers begins. Nothing is asked of the network for it. Pure; any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "core/address/address.h"

namespace exposee::net {

// Of a name; the rest is not looked at. More are of no use, and each costs its judgement.
constexpr std::size_t kMaxAddresses = 16;

// Each address once, kMaxAddresses at most. Within a family the order given is kept.
std::vector<IpAddress> in_order_of_trial(const std::vector<IpAddress>& v6, const std::vector<IpAddress>& v4);

}  // namespace exposee::net

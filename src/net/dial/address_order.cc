#include "net/dial/address_order.h"

#include <algorithm>

namespace exposee::net {
namespace {

// Unique local addresses and those of tunnels come after IPv4 (RFC 6724 section 2.1).
bool comes_after_v4(const IpAddress& address) {
  const auto& bytes = address.bytes;
  const bool unique_local = (bytes[0] & 0xfe) == 0xfc;
  const bool six_to_four = bytes[0] == 0x20 && bytes[1] == 0x02;
  const bool teredo = bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0;
  return unique_local || six_to_four || teredo;
}

void add(std::vector<IpAddress>& list, const IpAddress& address) {
  const bool known = std::find(list.begin(), list.end(), address) != list.end();
  if (!known && list.size() < kMaxAddresses) list.push_back(address);
}

}  // namespace

std::vector<IpAddress> in_order_of_trial(const std::vector<IpAddress>& v6, const std::vector<IpAddress>& v4) {
  const bool v4_begins = !v6.empty() && std::all_of(v6.begin(), v6.end(), comes_after_v4);
  const auto& first = v4_begins ? v4 : v6;
  const auto& second = v4_begins ? v6 : v4;
  std::vector<IpAddress> order;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()) && order.size() < kMaxAddresses; ++i) {
    if (i < first.size()) add(order, first[i]);
    if (i < second.size()) add(order, second[i]);
  }
  return order;
}

}  // namespace exposee::net

#include "net/loop/shortage.h"

#include <errno.h>

namespace exposee::net {

bool is_own_shortage(int error, const IpAddress& address) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:         // no more watches
    case EADDRNOTAVAIL:  // no local port left
    case EAGAIN:         // connect(2): no local port, or no room in the routing cache
      return true;
    case ENETUNREACH:
    case ENETDOWN:
      return !address.v6;
    default:
      return false;
  }
}

}  // namespace exposee::net

// A connection to a receiver that is ready for a request: what dialling hands over. A value.
#pragma once

#include <memory>
#include <string>

#include "core/time.h"
#include "net/dial/tls.h"
#include "net/loop/fd.h"

namespace exposee::net {

struct Channel {
  Fd fd;                                       // connected, non-blocking
  std::unique_ptr<TlsStream> tls;              // null: plain
  std::string remote;                          // "127.0.0.1:9000"
  Duration dns{}, connect{}, tls_handshake{};  // where its time went
};

}  // namespace exposee::net

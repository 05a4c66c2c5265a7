// What a person sees once the server is ready, and the line a machine sees instead. Only what is true today
// is said: a line whose page does not exist is left out. Pure text, and announce(), which chooses between the
// two; called once by run/serve when the server listens and the store is open.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

#include "app/log/log.h"
#include "core/address/exposure.h"

namespace exposee::app {

struct Banner {
  std::string version;  // "0.1.0"
  std::string url;      // "http://127.0.0.1:8000", with the port really bound, without a slash at the end
  std::string data;            // "./exposee-data"
  std::string store;           // "SQLite"
  std::uint64_t most_events =
      0;  // stored are not more: from the oldest to the newest, what went between them too
  std::string listen;          // "127.0.0.1:8000", divided by ", "; with the ports really bound
  Exposure exposure;
  std::chrono::milliseconds ready_in{0};
  std::size_t schema = 0;  // of the data
};

// Eight lines at most, each with its line end.
std::string banner_text(const Banner& banner);

// On a terminal the banner; off a terminal, and whenever the log is JSON, the log line "ready" with the field
// `url`, which is how scripts learn the port of `--listen 127.0.0.1:0`; `listen` has it also when `url` is the public one.
void announce(const Banner& banner, bool terminal, std::ostream& out, Log& log);

}  // namespace exposee::app

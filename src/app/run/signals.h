// What signals mean. SIGTERM and SIGINT: the first requests a drain, the second ends the process at once.
// SIGHUP: read the settings again. Others whose default is a death without a word are ignored. Used on the
// main thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace exposee::app {

// For the whole process, every command: a file's size limit becomes EFBIG (no space) instead of SIGXFSZ, and
// SIGUSR1, SIGUSR2, timers and the like, which mean nothing here, change nothing.
void ignore_signals_without_meaning();

enum class Asked : std::uint8_t { nothing, stop, reload };

// Made before any other thread, so that all of them inherit the mask.
class ServeSignals {
 public:
  ServeSignals();  // blocks the signals named above in this thread and those made from now on; ignores SIGPIPE
  Asked wait(std::chrono::milliseconds patience);  // nothing: none of them came in that time
  // As long as `patience` for a stop request; true: it came. It is not reported again.
  bool stop_within(std::chrono::milliseconds patience);
  void arm_exit();  // from now on SIGTERM and SIGINT end the process at once with cli::ExitCode::interrupted
};

}  // namespace exposee::app

// SIGTERM and SIGINT: the first asks for a drain, the second ends the process at once. Used by app/serve
// alone, on the main thread; block() comes before any other thread is made, so that all of them inherit the
// mask.
#pragma once

namespace exposee::app {

class StopSignals {
 public:
  StopSignals();  // blocks both signals in this thread and every thread made from now on; SIGPIPE is ignored
  int wait();     // sleeps until one of them comes; which
  void arm_exit();  // from now on either of them ends the process at once with ExitCode::interrupted
};

}  // namespace exposee::app

#include "app/run/standard_streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace exposee::app {

// open() gives the lowest number that is free, and those below are open already.
void open_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) == -1 && ::open("/dev/null", O_RDWR) == -1) return;
  }
}

}  // namespace exposee::app

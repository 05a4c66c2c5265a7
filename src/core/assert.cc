#include "core/assert.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace exposee {
namespace {

constexpr int kPatienceMs = 1000;  // for standard error, which may be a pipe without a reader

}  // namespace

// Past every queue and buffer: nothing else of this process can be relied on.
void assertion_failed(const char* condition, const char* why, const char* file, int line) {
  char text[1024];
  const int size = std::snprintf(text, sizeof text, "exposee: broken invariant: %s (%s) at %s:%d\n", why,
                                 condition, file, line);
  const auto shown = size < static_cast<int>(sizeof text) ? static_cast<std::size_t>(size) : sizeof text - 1;
  pollfd out{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  if (::poll(&out, 1, kPatienceMs) > 0) (void)!::write(STDERR_FILENO, text, shown);
  std::abort();
}

}  // namespace exposee

#include "core/assert.h"

#include <cstdio>
#include <cstdlib>

namespace exposee {

void assertion_failed(const char* condition, const char* why, const char* file, int line) {
  std::fprintf(stderr, "exposee: broken invariant: %s (%s) at %s:%d\n", why, condition, file, line);
  std::abort();
}

}  // namespace exposee

// EXPOSEE_ASSERT: a promise of the code to itself. Stays on in release builds: a broken invariant ends the
// process at once with the place and the sentence, because going on could lose or forge an event.
#pragma once

namespace exposee {
[[noreturn]] void assertion_failed(const char* condition, const char* why, const char* file, int line);
}

#define EXPOSEE_ASSERT(condition, why)                                    \
  do {                                                                    \
    if (!(condition)) [[unlikely]] {                                      \
      ::exposee::assertion_failed(#condition, (why), __FILE__, __LINE__); \
    }                                                                     \
  } while (false)

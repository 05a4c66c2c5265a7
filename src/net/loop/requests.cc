#include "net/loop/requests.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace exposee::net {

Requests::Requests() : bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!bell_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

// Bits and sleep are one word, so that none can miss the other: who sets the first bit sees the sleeper, or
// the sleeper sees the bit.
void Requests::ask(Kind kind) {
  const unsigned before = state_.fetch_or(kind, std::memory_order_seq_cst);
  if (before == kAsleep) ::eventfd_write(bell_.get(), 1);
}

bool Requests::fall_asleep() {
  return state_.fetch_or(kAsleep, std::memory_order_seq_cst) == 0;
}

void Requests::awake() {
  state_.fetch_and(~kAsleep, std::memory_order_seq_cst);
}

unsigned Requests::take(unsigned kinds) {
  return state_.fetch_and(~kinds, std::memory_order_seq_cst) & kinds;
}

}  // namespace exposee::net

#include "app/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "app/exit_code.h"

namespace exposee::app {
namespace {

constexpr int kWithoutMeaning[] = {SIGXFSZ, SIGUSR1,   SIGUSR2, SIGALRM,
                                   SIGPROF, SIGVTALRM, SIGIO,   SIGXCPU};

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int each : signals) sigaddset(&set, each);
  return set;
}

extern "C" void exit_at_once(int) {
  _exit(to_int(ExitCode::interrupted));
}

}  // namespace

void ignore_signals_without_meaning() {
  for (const int each : kWithoutMeaning) signal(each, SIG_IGN);
}

ServeSignals::ServeSignals() {
  const auto set = set_of({SIGTERM, SIGINT, SIGHUP});
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

Asked ServeSignals::wait() {
  const auto set = set_of({SIGTERM, SIGINT, SIGHUP});
  int came = 0;
  while (sigwait(&set, &came) != 0) {
  }
  return came == SIGHUP ? Asked::reload : Asked::stop;
}

void ServeSignals::arm_exit() {
  struct sigaction action{};
  action.sa_handler = exit_at_once;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  const auto set = set_of({SIGTERM, SIGINT});
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace exposee::app

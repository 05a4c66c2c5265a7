#include "app/run/signals.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "cli/exit_code.h"

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

// Which came, or -1.
int wait_for(const sigset_t& set, std::chrono::milliseconds patience) {
  const timespec span{.tv_sec = patience.count() / 1000, .tv_nsec = patience.count() % 1000 * 1'000'000};
  return sigtimedwait(&set, nullptr, &span);
}

extern "C" void exit_at_once(int) {
  _exit(cli::to_int(cli::ExitCode::interrupted));
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

Asked ServeSignals::wait(std::chrono::milliseconds patience) {
  const int came = wait_for(set_of({SIGTERM, SIGINT, SIGHUP}), patience);
  if (came <= 0) return Asked::nothing;
  return came == SIGHUP ? Asked::reload : Asked::stop;
}

bool ServeSignals::stop_within(std::chrono::milliseconds patience) {
  return wait_for(set_of({SIGTERM, SIGINT}), patience) > 0;
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

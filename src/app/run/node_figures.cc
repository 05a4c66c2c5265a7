#include "app/run/node_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace exposee::app {
namespace {

Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + Duration{time.tv_usec};
}

// The one that looks is not counted.
std::uint64_t open_descriptors() {
  std::error_code fault;
  std::filesystem::directory_iterator entries("/proc/self/fd", fault);
  std::uint64_t count = 0;
  for (; !fault && entries != std::filesystem::directory_iterator(); entries.increment(fault)) ++count;
  return count > 0 ? count - 1 : 0;
}

}  // namespace

std::optional<observe::ProcessFigures> process_figures(Instant started_at) {
  rusage usage{};
  rlimit files{};
  std::uint64_t pages = 0, resident = 0;
  std::ifstream statm("/proc/self/statm");
  if (!(statm >> pages >> resident)) return std::nullopt;
  if (::getrusage(RUSAGE_SELF, &usage) != 0 || ::getrlimit(RLIMIT_NOFILE, &files) != 0) return std::nullopt;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return observe::ProcessFigures{.cpu = duration_of(usage.ru_utime) + duration_of(usage.ru_stime),
                                 .resident_bytes = resident * page,
                                 .virtual_bytes = pages * page,
                                 .open_fds = open_descriptors(),
                                 .max_fds = files.rlim_cur,
                                 .started_at = started_at};
}

observe::Figures NodeFigures::figures() const {
  observe::Figures now{.server_connections = server_.open_connections(),
                       .sender_connections = sender_.open_connections(),
                       .unread_bytes = server_.unread_bytes(),
                       .log_lines_dropped = log_.dropped(),
                       .max_pending_deliveries = max_pending_deliveries_,
                       .process = process_figures(started_at_)};
  if (const auto sizes = store_.sizes()) now.storage = {sizes->database, sizes->log, sizes->free};
  return now;
}

}  // namespace exposee::app

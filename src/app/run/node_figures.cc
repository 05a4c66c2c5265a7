#include "app/run/node_figures.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace exposee::app {
namespace {

Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + Duration{time.tv_usec};
}

struct MemoryPages {
  std::uint64_t whole = 0, resident = 0;
};

// Of the beginning of statm: "12345 678 ...".
std::optional<MemoryPages> read_pages(int statm) {
  std::array<char, 128> text;
  const auto size = ::pread(statm, text.data(), text.size(), 0);
  if (size <= 0) return std::nullopt;
  const char* const end = text.data() + size;
  MemoryPages pages;
  const auto first = std::from_chars(text.data(), end, pages.whole);
  if (first.ec != std::errc{} || first.ptr == end) return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, pages.resident);
  return second.ec == std::errc{} ? std::optional(pages) : std::nullopt;
}

}  // namespace

ThisProcess::ThisProcess(Instant started_at)
    : started_at_(started_at),
      memory_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)),
      descriptors_(::opendir("/proc/self/fd")) {}

std::uint64_t ThisProcess::open_descriptors() const {
  const std::lock_guard lock(mutex_);
  ::rewinddir(descriptors_.get());
  std::uint64_t count = 0;
  while (const auto* entry = ::readdir(descriptors_.get())) count += entry->d_name[0] != '.';
  return count;
}

std::optional<observe::ProcessFigures> ThisProcess::figures() const {
  rusage usage{};
  rlimit files{};
  if (!memory_ || !descriptors_) return std::nullopt;
  const auto pages = read_pages(memory_.get());
  if (!pages || ::getrusage(RUSAGE_SELF, &usage) != 0 || ::getrlimit(RLIMIT_NOFILE, &files) != 0) {
    return std::nullopt;
  }
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return observe::ProcessFigures{.cpu = duration_of(usage.ru_utime) + duration_of(usage.ru_stime),
                                 .resident_bytes = pages->resident * page,
                                 .virtual_bytes = pages->whole * page,
                                 .open_fds = open_descriptors(),
                                 .max_fds = files.rlim_cur,
                                 .started_at = started_at_};
}

observe::Figures NodeFigures::figures() const {
  observe::Figures now{.server_connections = server_.open_connections(),
                       .sender_connections = sender_.open_connections(),
                       .unread_bytes = server_.unread_bytes(),
                       .unfinished_bytes = server_.unfinished_bytes(),
                       .log_lines_dropped = log_.dropped(),
                       .damaged_rows = troubles_.count(),
                       .process = process_.figures()};
  if (const auto sizes = store_.sizes()) now.storage = {sizes->database, sizes->log, sizes->free};
  return now;
}

}  // namespace exposee::app

#include "app/run/start_check.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <latch>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace exposee::app {
namespace {

constexpr std::size_t kMib = 1024 * 1024;

std::uint64_t soft_limit(__rlimit_resource resource) {
  rlimit limit{};
  return ::getrlimit(resource, &limit) == 0 ? limit.rlim_cur : 0;
}

unsigned descriptors_to_have(unsigned wanted) {
  std::vector<int> got;
  while (got.size() < wanted) {
    const int fd = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    const int one = fd >= 0 ? fd : ::open("/dev/null", O_RDONLY | O_CLOEXEC);  // standard input may be closed
    if (one < 0) break;
    got.push_back(one);
  }
  for (const int fd : got) ::close(fd);
  return static_cast<unsigned>(got.size());
}

// At the same time, with memory held beside their stacks.
unsigned threads_to_have(unsigned wanted) {
  std::latch over(1);
  std::vector<std::jthread> got;
  try {
    while (got.size() < wanted) got.emplace_back([&over] { over.wait(); });
  } catch (const std::system_error&) {  // EAGAIN
  }
  over.count_down();
  return static_cast<unsigned>(got.size());
}

class Memory {
 public:
  explicit Memory(std::size_t bytes)
      : bytes_(bytes), begin_(::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {}
  ~Memory() {
    if (*this) ::munmap(begin_, bytes_);
  }
  Memory(const Memory&) = delete;
  explicit operator bool() const { return begin_ != MAP_FAILED; }

 private:
  std::size_t bytes_;
  void* begin_;
};

Error too_few_files(unsigned got, unsigned wanted) {
  const auto limit = soft_limit(RLIMIT_NOFILE);
  const auto enough = limit + wanted - got;
  return {ErrorCode::unavailable,
          fmt::format("This process may open {} files, too few to serve one client and one receiver.", limit),
          fmt::format("Raise the limit to {} or more (ulimit -n, systemd's LimitNOFILE=).", enough)};
}

Error too_little_memory(std::size_t wanted_mib) {
  const auto limit = soft_limit(RLIMIT_AS);
  const auto told =
      limit == RLIM_INFINITY ? std::string{} : fmt::format(", whose address space is limited to {} MiB,", limit / kMib);
  return {ErrorCode::unavailable,
          fmt::format("The system does not give this process{} the {} MiB more that it needs to start.", told,
                      wanted_mib),
          "Raise the limit of memory (ulimit -v, systemd's LimitAS=), or remove it."};
}

Error no_thread() {
  return {ErrorCode::unavailable, "The system does not give this process the threads that it needs.",
          "Raise the limit of processes (ulimit -u, systemd's TasksMax=, a container's pids limit) or of memory "
          "(ulimit -v)."};
}

Error no_descriptor(const std::system_error& error, std::string_view way_out) {
  return {ErrorCode::unavailable,
          fmt::format("The system does not give this process what it needs to start: {}.", error.what()),
          std::string(way_out)};
}

}  // namespace

std::optional<Error> not_given(const std::system_error& error) {
  switch (error.code().value()) {
    case EAGAIN:
      return no_thread();
    case EMFILE:
    case ENFILE:
      return no_descriptor(error, "Raise the limit of open files (ulimit -n, systemd's LimitNOFILE=, fs.file-max).");
    case ENOSPC:
      return no_descriptor(error, "Raise the limit of watches (sysctl fs.epoll.max_user_watches).");
    case ENOMEM:
      return no_descriptor(error, "Give this machine more memory, or close what takes it.");
    default:
      return std::nullopt;
  }
}

std::optional<Error> missing_for_start(const StartNeeds& needs) {
  const auto files = descriptors_to_have(needs.descriptors);
  if (files < needs.descriptors) return too_few_files(files, needs.descriptors);
  const Memory memory(needs.memory_mib * kMib);
  if (!memory) return too_little_memory(needs.memory_mib);
  if (threads_to_have(needs.threads) < needs.threads) return no_thread();
  return std::nullopt;
}

}  // namespace exposee::app

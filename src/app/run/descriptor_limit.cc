#include "app/run/descriptor_limit.h"

#include <fmt/format.h>
#include <sys/resource.h>

namespace exposee::app {

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}

std::optional<std::string> too_few_descriptors(const Settings& settings, std::uint64_t limit) {
  const std::uint64_t wanted =
      std::uint64_t{settings.server.max_connections} + settings.delivery.max_connections + kOwnDescriptors;
  if (limit >= wanted) return std::nullopt;
  return fmt::format(
      "This process may open {} files and the settings ask for {} connections in all: raise the limit "
      "(ulimit -n {}), or lower server.max_connections and delivery.max_connections.",
      limit, wanted - kOwnDescriptors, wanted);
}

}  // namespace exposee::app

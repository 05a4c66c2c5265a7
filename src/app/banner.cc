#include "app/banner.h"

#include <fmt/format.h>

#include <vector>

namespace exposee::app {
namespace {

std::string counted(std::uint64_t events) {
  return fmt::format("{} event{}", events, events == 1 ? "" : "s");
}

std::string_view access_text(bool loopback_only) {
  return loopback_only ? "this machine only, no token needed"
                       : "everyone who can reach this address, no token needed";
}

}  // namespace

std::string banner_text(const Banner& banner) {
  std::vector<std::string> lines;
  if (!banner.dashboard_path.empty()) {
    lines.push_back(fmt::format("Dashboard   {}{}", banner.url, banner.dashboard_path));
  }
  lines.push_back(fmt::format("API docs    {0}/docs        Postman  {0}/postman.json", banner.url));
  lines.push_back(fmt::format("Data        {} ({}, {})", banner.data, banner.store, counted(banner.events)));
  lines.push_back(fmt::format("Access      {}", access_text(banner.loopback_only)));
  std::string text = fmt::format("Exposee {} · {}\n", banner.version, banner.url);
  for (const std::string& line : lines) {
    text += (&line == &lines.back() ? "└─ " : "├─ ") + line + '\n';
  }
  return text + fmt::format(
                    "Ready in {} ms.  Try:  curl -X POST {}/users -H 'content-type: application/json' "
                    "-d '{{\"username\":\"alice\"}}'\n",
                    banner.ready_in.count(), banner.url);
}

void announce(const Banner& banner, bool terminal, std::ostream& out, Log& log) {
  if (terminal) out << banner_text(banner) << std::flush;
  out.clear();  // a terminal that went away is no fault of the server
  if (terminal && !log.json()) return;
  log.info("ready", {{"url", std::string_view(banner.url)},
                     {"version", std::string_view(banner.version)},
                     {"data", std::string_view(banner.data)},
                     {"schema", std::uint64_t{banner.schema}},
                     {"events", banner.events},
                     {"ready_in_ms", std::int64_t{banner.ready_in.count()}}});
}

}  // namespace exposee::app

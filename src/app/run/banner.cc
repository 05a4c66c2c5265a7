#include "app/run/banner.h"

#include <fmt/format.h>

#include <vector>

#include "core/text/counted.h"

namespace exposee::app {
namespace {

std::string_view access_text(const Exposure& exposure) {
  if (exposure.beyond_loopback) return "everyone who can reach this address, no token needed";
  return exposure.to_others() ? "everyone the proxy in front lets in, no token needed"
                              : "this machine only, no token needed";
}

// Retention leaves gaps, and counting what is between them would take as long as the data is large.
std::string events_text(std::uint64_t most) {
  return fmt::format("{}{}", most > 0 ? "up to " : "", counted(most, "event", "events"));
}

}  // namespace

std::string banner_text(const Banner& banner) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("API docs    {0}/docs        Postman  {0}/postman.json", banner.url));
  lines.push_back(
      fmt::format("Data        {} ({}, {})", banner.data, banner.store, events_text(banner.most_events)));
  lines.push_back(fmt::format("Access      {}", access_text(banner.exposure)));
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
  out.clear();  // that the terminal went away is not a fault of the server
  if (terminal && !log.json()) return;
  log.info("ready", {{"url", std::string_view(banner.url)},
                     {"listen", std::string_view(banner.listen)},
                     {"version", std::string_view(banner.version)},
                     {"data", std::string_view(banner.data)},
                     {"schema", std::uint64_t{banner.schema}},
                     {"events_at_most", banner.most_events},
                     {"ready_in_ms", std::int64_t{banner.ready_in.count()}}});
}

}  // namespace exposee::app

#include "cli/client/lookups.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/client/fields.h"
#include "cli/client/pages.h"
#include "cli/client/server.h"
#include "core/text/suggest.h"

namespace exposee::cli {
namespace {

constexpr std::size_t kMostEvents = 1'000;  // that a server has
constexpr std::size_t kOne = 1;

std::vector<std::string> declared_events(const Client& client) {
  std::vector<std::string> names;
  const auto take = [&](const JsonElement& type) { names.push_back(text_at(type, "name")); };
  if (!read_pages(client, "/v1/event-types", {}, kMostEvents, take)) names.clear();
  return names;
}

}  // namespace

std::expected<std::string, Failure> endpoint_id(const Client& client, const std::string& named) {
  if (named.find("://") == named.npos) return named;
  std::string target = "/v1/endpoints", id;
  add_query(target, "url", named);
  const auto found = read_pages(client, target, {}, kOne,
                                [&](const JsonElement& endpoint) { id = text_at(endpoint, "id"); });
  if (!found) return std::unexpected(found.error());
  if (!id.empty()) return id;
  return std::unexpected(Failure{ExitCode::not_found,
                                 fmt::format("No endpoint has the URL '{}'.", printable(named)),
                                 "GET /v1/endpoints lists all endpoints."});
}

Failure with_meant_event(Failure failure, const Client& client, const std::string& event) {
  const bool refused = failure.code == ExitCode::not_found || failure.code == ExitCode::usage;
  if (!refused || event.empty()) return failure;
  const auto names = declared_events(client);
  if (std::ranges::find(names, event) == names.end()) failure.sentence += did_you_mean(event, names);
  return failure;
}

}  // namespace exposee::cli

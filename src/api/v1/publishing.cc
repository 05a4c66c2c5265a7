#include "api/v1/publishing.h"

#include <fmt/format.h>

#include "api/wire/idempotency.h"
#include "api/wire/problem.h"
#include "core/text/join.h"

namespace exposee::api {
namespace {

// A declared type's name needs no escaping.
std::string accepted_json(const engine::Published& published, std::string_view type_name) {
  return joined({R"({"id":")", published.id.chars(), R"(","event":")", type_name, R"(","timestamp":")",
                 iso_chars(published.accepted_at), R"(","deliveries":)", std::to_string(published.deliveries),
                 "}"});
}

}  // namespace

engine::IdempotencyClaim event_claim(std::string_view key, std::string_view type_name,
                                     std::string_view data) {
  return claim_under(key, "POST /v1/events", fmt::format("{}\n{}", type_name, data));
}

engine::Reply render_published(const engine::Outcome<engine::Published>& outcome,
                               std::string_view type_name) {
  if (outcome)
    return {.status = 202, .content_type = "application/json", .body = accepted_json(*outcome, type_name)};
  auto problem = problem_of(outcome.error());
  if (outcome.error().why == engine::Refusal::unknown_type) {
    problem.detail = fmt::format("Event type '{}' is not declared", type_name);
  }
  return to_reply(problem);
}

}  // namespace exposee::api

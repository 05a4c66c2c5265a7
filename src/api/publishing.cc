#include "api/publishing.h"

#include <fmt/format.h>

#include "api/idempotency.h"
#include "api/problem.h"

namespace exposee::api {
namespace {

constexpr std::size_t kAcceptedBytes = 160;  // of the answer without the type's name; saves growing it

std::string accepted_json(const engine::Published& published, std::string_view type_name) {
  std::string json;
  json.reserve(kAcceptedBytes + type_name.size());
  json.append(R"({"id":")").append(published.id.text());
  json.append(R"(","event":")").append(type_name);  // a declared name needs no escaping
  json.append(R"(","timestamp":")").append(iso_text(published.accepted_at));
  json.append(R"(","deliveries":)").append(std::to_string(published.deliveries)).append("}");
  return json;
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
    problem.detail = fmt::format("No event type '{}' is declared", type_name);
  }
  return to_reply(problem);
}

}  // namespace exposee::api

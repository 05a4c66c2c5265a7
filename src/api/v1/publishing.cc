#include "api/v1/publishing.h"

#include <fmt/format.h>

#include "api/wire/idempotency.h"
#include "api/wire/problem.h"
#include "core/text/join.h"

namespace exposee::api {
namespace {

// A declared type's name needs no escaping.
std::string accepted_json(const engine::Published& published) {
  return joined({R"({"id":")", published.id.chars(), R"(","event":")", published.type_name,
                 R"(","timestamp":")", published.accepted_at, R"(","deliveries":)",
                 std::to_string(published.deliveries), "}"});
}

}  // namespace

engine::IdempotencyClaim event_claim(std::string_view key, std::string_view type_name,
                                     std::string_view data) {
  return claim_under(key, "POST /v1/events", fmt::format("{}\n{}", type_name, data));
}

engine::Reply render_published(const engine::Outcome<engine::Published>& outcome) {
  if (outcome) return {.status = 202, .body = accepted_json(*outcome), .made = outcome->id};
  return to_reply(problem_of(outcome.error()));
}

}  // namespace exposee::api

#include "api/wire/idempotency.h"

#include <fmt/format.h>

#include "core/digest.h"
#include "json/text.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

// Nothing when the key cannot be used.
std::optional<engine::IdempotencyClaim> claim_of(const http::Request& request, std::string_view scope) {
  const auto key = sent_key(request);
  if (key.empty()) return engine::IdempotencyClaim{};
  if (!is_usable_key(key)) return std::nullopt;
  return claim_under(key, scope, request.body);
}

}  // namespace

bool is_usable_key(std::string_view key) {
  return !key.empty() && key.size() <= kMaxIdempotencyKeyBytes;
}

std::string key_rule() {
  return fmt::format("An Idempotency-Key has 1 to {} characters", kMaxIdempotencyKeyBytes);
}

engine::IdempotencyClaim claim_under(std::string_view key, std::string_view scope, std::string_view content) {
  return {sha256(fmt::format("{}\n{}", scope, key)), sha256(content)};
}

std::string_view sent_key(const http::Request& request) {
  return request.header("idempotency-key").value_or(std::string_view{});
}

std::string idempotency_key(const http::Request& request) {
  return printable_utf8(sent_key(request));
}

std::optional<engine::IdempotencyClaim> contract_claim(const http::Request& request, std::string_view scope,
                                                       Faults& faults) {
  auto claim = claim_of(request, scope);
  if (!claim) {
    faults.add("value_error", "header", "idempotency-key", fmt::format("Value error, {}", key_rule()),
               JsonWriter().value(idempotency_key(request)).take());
  }
  return claim;
}

std::optional<engine::IdempotencyClaim> v1_claim(const http::Request& request, std::string_view scope,
                                                 std::optional<Problem>& problem) {
  auto claim = claim_of(request, scope);
  if (!claim) problem = Problem{&problems.invalid_idempotency_key, key_rule()};
  return claim;
}

}  // namespace exposee::api

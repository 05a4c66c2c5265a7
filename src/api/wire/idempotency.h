// The Idempotency-Key of a creating POST (promise D12). The key is scoped by the call, so the same text may
// be used for two different calls. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/contract/refusal.h"
#include "api/wire/problem.h"
#include "engine/commands.h"
#include "http/message.h"

namespace exposee::api {

constexpr std::size_t kMaxIdempotencyKeyBytes = 255;

// 1 to kMaxIdempotencyKeyBytes, and that as a sentence.
bool is_usable_key(std::string_view key);
std::string key_rule();

// The claim of what `key` stands for, whose repetition must have the same `content`. `scope`: as below.
engine::IdempotencyClaim claim_under(std::string_view key, std::string_view scope, std::string_view content);

// The header's value. Empty means no key: tools that import OpenAPI send every parameter they know of, and an
// empty text can stand for no one request.
std::string_view sent_key(const http::Request& request);
// The same as text for a reply.
std::string idempotency_key(const http::Request& request);

// The claim of the request; an empty one when it has no key. Nothing, after noting why, when the key is too
// long. `scope`: names the call, e.g. "POST /users".
std::optional<engine::IdempotencyClaim> contract_claim(const http::Request& request, std::string_view scope,
                                                       Faults& faults);
std::optional<engine::IdempotencyClaim> v1_claim(const http::Request& request, std::string_view scope,
                                                 std::optional<Problem>& problem);

}  // namespace exposee::api

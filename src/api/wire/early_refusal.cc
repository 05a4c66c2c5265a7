#include "api/wire/early_refusal.h"

#include <fmt/format.h>

#include "api/contract/refusal.h"
#include "api/wire/problem.h"
#include "http/content_coding.h"

namespace exposee::api {
namespace {

constexpr std::string_view kPublishPath = "/v1/events";

bool publishes(http::Method method, std::string_view target) {
  return method == http::Method::post && target.substr(0, target.find('?')) == kPublishPath;
}

// Which limit it was, and where it is set: the codec has neither.
Problem too_large(const ApiOptions& options, const http::Request& begun) {
  const bool event = publishes(begun.method, begun.target);
  const bool plain = http::content_coding(begun.headers) == http::ContentCoding::identity;
  return {.kind = &problems.payload_too_large,
          .detail = fmt::format("The body is larger{} than the {} bytes that this call takes ({}).",
                                plain ? "" : ", as gzip or decoded,",
                                body_limit(options, begun.method, begun.target),
                                event ? "limits.max_event_bytes" : "limits.max_body_bytes")};
}

}  // namespace

std::size_t body_limit(const ApiOptions& options, http::Method method, std::string_view target) {
  return publishes(method, target) ? options.max_event_body_bytes : options.max_body_bytes;
}

engine::Reply early_refusal(const ApiOptions& options, Family family, const http::Fault& fault,
                            const http::Request& begun) {
  const Problem problem = fault.kind == http::FaultKind::body_too_large
                              ? too_large(options, begun)
                              : Problem{&kind_of(fault.kind), std::string(fault.sentence)};
  return family == Family::v1 ? to_reply(problem) : contract_problem(problem);
}

}  // namespace exposee::api

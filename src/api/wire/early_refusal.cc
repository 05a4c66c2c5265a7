#include "api/wire/early_refusal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/contract/refusal.h"
#include "api/wire/problem.h"
#include "http/content_coding.h"
#include "ports/http_service.h"

namespace exposee::api {
namespace {

constexpr std::string_view kPublishPath = "/v1/events";

bool publishes(http::Method method, std::string_view target) {
  return method == http::Method::post && target.substr(0, target.find('?')) == kPublishPath;
}

// The kind of every status that the codec and the server refuse with; malformed is the rest.
const ProblemKind& kind_of(int status) {
  using namespace problems;
  static constexpr std::array kKinds = {
      &kRequestTimeout,  &kPayloadTooLarge,      &kUriTooLong,         &kUnsupportedContentEncoding,
      &kHeadersTooLarge, &kMethodNotImplemented, &kTooManyConnections, &kHttpVersion};
  const auto found = std::ranges::find(kKinds, status, [](const auto* kind) { return kind->status; });
  return found == kKinds.end() ? kMalformedRequest : **found;
}

// Which limit it was, and where it is set: the codec knows neither.
Problem too_large(const ApiOptions& options, const http::Request& begun) {
  const bool event = publishes(begun.method, begun.target);
  const bool plain = http::content_coding(begun.headers) == http::ContentCoding::identity;
  return {.kind = &problems::kPayloadTooLarge,
          .detail = fmt::format("The body is larger{} than the {} bytes that this call takes ({}).",
                                plain ? "" : ", as gzip or decoded,",
                                body_limit(options, begun.method, begun.target),
                                event ? "limits.max_event_bytes" : "limits.max_body_bytes")};
}

}  // namespace

std::size_t body_limit(const ApiOptions& options, http::Method method, std::string_view target) {
  return publishes(method, target) ? options.max_event_body_bytes : options.max_body_bytes;
}

engine::Reply early_refusal(const ApiOptions& options, Family family, int status, std::string_view why,
                            const http::Request& begun) {
  const auto& kind = why == kTooManyUnfinished ? problems::kOverloaded : kind_of(status);
  const Problem problem = status == 413 && why != http::kExpandsTooFar ? too_large(options, begun)
                                                                       : Problem{&kind, std::string(why)};
  auto reply = family == Family::v1 ? to_reply(problem) : contract_problem(problem);
  reply.status = status;
  return reply;
}

}  // namespace exposee::api

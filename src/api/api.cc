#include "api/api.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "api/access/access.h"
#include "api/contract/refusal.h"
#include "api/documents/documents.h"
#include "api/resources.h"
#include "api/subscriptions.h"
#include "api/wire/early_refusal.h"
#include "api/wire/known_parameters.h"
#include "api/wire/problem.h"
#include "api/wire/router.h"
#include "http/content_coding.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

constexpr std::string_view kPreflightSeconds = "600";  // how long browsers remember a preflight
// What any path may be asked for from a page: whether it has that method, the page then reads from the reply.
constexpr std::string_view kAnyMethod = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

engine::Reply in_words_of(Family family, const Problem& problem) {
  return family == Family::v1 ? to_reply(problem) : contract_problem(problem);
}

engine::Reply unknown_path(Family family) {
  if (family == Family::v1) return to_reply({&problems.not_found, "Not Found"});
  return contract_error(404, "Not Found");
}

http::Response wrong_method(Family family, const PathEntry& entry) {
  const auto reply = family == Family::v1 ? to_reply({&problems.method_not_allowed, "Method Not Allowed"})
                                          : contract_error(405, "Method Not Allowed");
  auto response = to_response(engine::Reply(reply));
  response.headers.add("allow: ", entry.allow);
  return response;
}

http::Response options_response(const PathEntry& entry) {
  http::Response response{.status = 204};
  response.headers.add("allow: ", entry.allow);
  return response;
}

// A browser sends it before a page may make its call (the Fetch standard, section 3.3).
bool is_preflight(const http::Request& request) {
  return request.method == http::Method::options && request.header("origin") &&
         request.header("access-control-request-method");
}

// The same for every path, there or not: refused here, the page would learn of no status at all. Who is
// refused for its origin never comes here; the origin itself is the Replier's.
http::Response preflight_response(const http::Request& request) {
  http::Response response{.status = 204};
  response.headers.add("access-control-allow-methods: ", kAnyMethod);
  response.headers.add("access-control-max-age: ", kPreflightSeconds);
  if (const auto asked = request.header("access-control-request-headers")) {
    response.headers.add("access-control-allow-headers: ", *asked);
    response.headers.add("vary: access-control-request-headers");
  }
  return response;
}

// What is asked of a caller of that path, whatever there is.
Scope scope_of(const PathEntry* entry, http::Method method) {
  if (!entry) return Scope::integrator;
  const auto* route = entry->find(method);
  return route ? route->scope : entry->routes.front()->scope;
}

}  // namespace

class Api::Impl {
 public:
  Impl(const ApiDoors& doors, ApiOptions options)
      : options_(std::move(options)),
        access_(options_),
        documents_(make_openapi(routes(), options_.version), make_postman(options_.version)),
        router_(routes()),
        watch_{doors.calls, doors.clock},
        test_deliveries_(doors.sender, doors.calls, {},
                         [&commands = doors.commands](std::vector<EndpointNumber>&& well) {
                           commands.submit(engine::ReceiversResponded{std::move(well)});
                         }),
        registry_(doors.registry),
        context_{doors.commands,   doors.clock, doors.random,   options_,    access_,         reads_,
                 test_deliveries_, documents_,  subscriptions_, doors.calls, doors.readiness, doors.metrics},
        reads_(doors.readers, options_.read_threads, options_.max_queued_reads) {}

  void set_rules(AddressPolicy policy, std::vector<std::string> cors_allow_origins) {
    options_.address_policy = std::move(policy);
    options_.cors_allow_origins = std::move(cors_allow_origins);
    access_.read_origins();
  }

  std::size_t body_limit(http::Method method, std::string_view target) const {
    return api::body_limit(options_, method, target);
  }

  // When the family is not known, the reply is the contract's. Who may not call learns nothing else, as with
  // every call, once the head says who it is; CORS too, so that a page can read why.
  http::Response error(const http::Fault& fault, const http::Request& begun) const {
    const auto family = family_of(begun.path());
    std::string parameter;
    const auto caller =
        access_.judge(begun, family, scope_of(router_.find(begun.path(), parameter), begun.method));
    auto response = begun.whole_head && caller.refusal ? to_response(refusal(caller, family, begun))
                                                       : early_response(fault, family, begun);
    caller.cors.add_to(response);
    CallRecord(watch_, begun).answered(response.status, response.body.size());
    return response;
  }

  void handle(http::Request&& request, Responder respond) {
    const auto family = family_of(request.path());
    std::string parameter;
    const auto* entry = router_.find(request.path(), parameter);
    auto caller = access_.judge(request, family, scope_of(entry, request.method));
    Replier answer(respond, std::move(caller.cors), CallRecord(watch_, request));
    Call call{context_, request, std::move(parameter), family, caller.foreign_page, std::move(answer), registry_};
    if (caller.refusal) return call.answer(refusal(caller, family, request));
    if (is_preflight(call.request)) return call.answer(preflight_response(call.request));
    if (!entry) return answer_unknown(call);
    if (call.request.method == http::Method::options) return call.answer(options_response(*entry));
    if (const auto* route = entry->find(call.request.method)) return carry_out(*route, call);
    call.answer(wrong_method(family, *entry));
  }

 private:
  // The log names what operators may have forgotten to list.
  engine::Reply refusal(const Caller& caller, Family family, const http::Request& request) const {
    if (caller.refusal->kind == &problems.unknown_host) {
      watch_.observer.host_refused(request.header("host").value_or(std::string_view{}), watch_.clock.now());
    }
    return in_words_of(family, *caller.refusal);
  }

  http::Response early_response(const http::Fault& fault, Family family, const http::Request& begun) const {
    using enum http::FaultKind;
    auto response = unknown_method(fault.kind, family, begun)
                        .value_or(to_response(early_refusal(options_, family, fault, begun)));
    if (fault.kind == coding_not_supported) response.headers.add("accept-encoding: ", http::kAcceptedCodings);
    if (fault.kind == too_many_connections || fault.kind == too_many_unfinished)
      response.headers.add(kRetrySoon);
    return response;
  }

  // The codec reads no further than the head of a method that it does not know. A path that exists has other
  // ones.
  std::optional<http::Response> unknown_method(http::FaultKind kind, Family family,
                                               const http::Request& begun) const {
    std::string parameter;
    const auto* entry =
        kind == http::FaultKind::method_not_implemented ? router_.find(begun.path(), parameter) : nullptr;
    return entry ? std::optional(wrong_method(family, *entry)) : std::nullopt;
  }

  static void carry_out(const Route& route, Call& call) {
    if (call.family == Family::v1) {
      if (const auto problem = refused_parameters(route, call.request.query())) {
        return call.answer(to_reply(*problem));
      }
    }
    route.handler(call);
  }

  // "/webhooks/" is "/webhooks": as the original does, say so. The target is a path of our own, and relative
  // (RFC 3986 section 4.2), because a proxy in front may serve this server below a path that we do not see.
  void answer_unknown(Call& call) {
    std::string_view path = call.request.path();
    const bool slashed = path.size() > 1 && path.ends_with('/');
    if (slashed) path.remove_suffix(1);
    if (!slashed || !router_.find(path, call.parameter)) return call.answer(unknown_path(call.family));
    const auto query = call.request.query();
    const auto last = path.substr(path.rfind('/') + 1);
    http::Response response{.status = 307};
    response.headers.add("location: ", fmt::format("../{}{}{}", last, query.empty() ? "" : "?", query));
    call.answer(std::move(response));
  }

  ApiOptions options_;
  Access access_;
  Documents documents_;
  SubscriptionCache subscriptions_;
  const Router router_;
  const CallWatch watch_;
  TestDeliveries test_deliveries_;
  const RegistryDoor registry_;
  Context context_;
  ReadPool reads_;  // ends first: its jobs use the context
};

Api::Api(const ApiDoors& doors, ApiOptions options)
    : impl_(std::make_unique<Impl>(doors, std::move(options))) {}

Api::~Api() = default;

void Api::set_rules(AddressPolicy policy, std::vector<std::string> cors_allow_origins) {
  impl_->set_rules(std::move(policy), std::move(cors_allow_origins));
}

std::size_t Api::body_limit(http::Method method, std::string_view target) const {
  return impl_->body_limit(method, target);
}

void Api::handle(http::Request&& request, Responder respond) {
  impl_->handle(std::move(request), respond);
}

http::Response Api::error(const http::Fault& fault, const http::Request& begun) const {
  return impl_->error(fault, begun);
}

}  // namespace exposee::api

#include "api/api.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "api/contract_answer.h"
#include "api/documents.h"
#include "api/early_refusal.h"
#include "api/hosts.h"
#include "api/json_writer.h"
#include "api/known_parameters.h"
#include "api/problem.h"
#include "api/routes.h"
#include "api/subscriptions.h"
#include "http/content_coding.h"

namespace exposee::api {
namespace {

constexpr std::string_view kPreflightSeconds = "600";  // how long browsers remember a preflight

bool is_v1(std::string_view path) {
  return path == "/v1" || path.starts_with("/v1/");
}

engine::Reply unknown_path(Family family) {
  if (family == Family::v1) return to_reply({&problems::kNotFound, "Not Found"});
  return contract_error(404, "Not Found");
}

http::Response wrong_method(Family family, const PathEntry& entry) {
  const auto reply = family == Family::v1 ? to_reply({&problems::kMethodNotAllowed, "Method Not Allowed"})
                                          : contract_error(405, "Method Not Allowed");
  auto response = to_response(engine::Reply(reply));
  response.headers.add("allow: ", entry.allow);
  return response;
}

// OPTIONS, a browser's preflight included. The CORS origin itself is the Answerer's.
http::Response options_response(const http::Request& request, const PathEntry& entry, bool cors) {
  http::Response response{.status = 204};
  response.headers.add("allow: ", entry.allow);
  if (!cors || !request.header("access-control-request-method")) return response;
  response.headers.add("access-control-allow-methods: ", entry.allow);
  response.headers.add("access-control-max-age: ", kPreflightSeconds);
  if (const auto asked = request.header("access-control-request-headers")) {
    response.headers.add("access-control-allow-headers: ", *asked);
    response.headers.add("vary: ", "access-control-request-headers");
  }
  return response;
}

}  // namespace

class Api::Impl {
 public:
  Impl(const ApiDoors& doors, ApiOptions options)
      : options_(std::move(options)),
        documents_(make_openapi(routes(), options_.version), make_postman(options_.version)),
        router_(routes()),
        prober_(doors.sender, options_.probe_finished),
        reads_(doors.readers, options_.read_threads, options_.max_queued_reads),
        context_{doors.commands, doors.registry, doors.clock, doors.random,  options_,
                 reads_,         prober_,        documents_,  subscriptions_} {}

  void set_base_url(std::string base_url) { options_.base_url = std::move(base_url); }

  std::size_t body_limit(http::Method method, std::string_view target) const {
    return api::body_limit(options_, method, target);
  }

  // When nobody knows whose answer it is, it is the contract's. CORS as with every call, so that a page can
  // read why.
  http::Response error(int status, std::string_view why, const http::Request& begun) const {
    const auto family = is_v1(begun.path()) ? Family::v1 : Family::contract;
    auto response = unknown_method(status, family, begun)
                        .value_or(to_response(early_refusal(options_, family, status, why, begun)));
    if (status == 415) response.headers.add("accept-encoding: ", http::kAcceptedCodings);
    const auto origin = family == Family::contract ? allowed_origin(options_, begun) : std::string{};
    if (!origin.empty()) response.headers.add("access-control-allow-origin: ", origin);
    return response;
  }

  void handle(http::Request&& request, Responder respond) {
    const auto family = is_v1(request.path()) ? Family::v1 : Family::contract;
    std::string origin = family == Family::contract ? allowed_origin(options_, request) : std::string{};
    const bool cors = !origin.empty();
    Call call{context_, std::move(request), {}, family, Answerer(respond, std::move(origin))};
    if (family == Family::v1) {
      if (const auto problem = refuse_v1(options_, call.request)) return call.answer(to_reply(*problem));
    }
    const auto* entry = router_.find(call.request.path(), call.parameter);
    if (!entry) return answer_unknown(call);
    if (call.request.method == http::Method::options) {
      return call.answer(options_response(call.request, *entry, cors));
    }
    if (const auto* route = entry->find(call.request.method)) return carry_out(*route, call);
    call.answer(wrong_method(family, *entry));
  }

 private:
  // The codec reads no further than a method that it does not know (501). A path that exists has other ones.
  std::optional<http::Response> unknown_method(int status, Family family, const http::Request& begun) const {
    std::string parameter;
    const auto* entry = status == 501 ? router_.find(begun.path(), parameter) : nullptr;
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

  // "/webhooks/" is "/webhooks": as the original does, say so. The target of the redirect is a path of our
  // own.
  void answer_unknown(Call& call) {
    std::string_view path = call.request.path();
    const bool slashed = path.size() > 1 && path.ends_with('/');
    if (slashed) path.remove_suffix(1);
    if (!slashed || !router_.find(path, call.parameter)) return call.answer(unknown_path(call.family));
    const auto query = call.request.query();
    http::Response response{.status = 307};
    response.headers.add("location: ", fmt::format("{}{}{}", path, query.empty() ? "" : "?", query));
    call.answer(std::move(response));
  }

  ApiOptions options_;
  Documents documents_;
  SubscriptionCache subscriptions_;
  const Router router_;
  Prober prober_;
  ReadPool reads_;
  Context context_;
};

Api::Api(const ApiDoors& doors, ApiOptions options)
    : impl_(std::make_unique<Impl>(doors, std::move(options))) {}

Api::~Api() = default;

void Api::set_base_url(std::string base_url) {
  impl_->set_base_url(std::move(base_url));
}

std::size_t Api::body_limit(http::Method method, std::string_view target) const {
  return impl_->body_limit(method, target);
}

void Api::handle(http::Request request, Responder respond) {
  impl_->handle(std::move(request), respond);
}

http::Response Api::error(int status, std::string_view why, const http::Request& begun) const {
  return impl_->error(status, why, begun);
}

}  // namespace exposee::api

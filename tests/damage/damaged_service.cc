#include "damage/damaged_service.h"

#include <algorithm>

namespace exposee::damage {
namespace {

using namespace std::chrono_literals;

constexpr Duration kStep{50'000};
constexpr int kMostTurns = 20'000;  // until an answer must have come: with the waits between them, minutes

// "down…" and "gone…" are receivers of that kind; all others are well.
Response response_of(const SendJob& job) {
  Response response;
  const auto& host = job.target->url.host;
  if (!job.target->blocked.empty()) {
    response.cause = Cause::blocked;
    response.detail = job.target->blocked;
  } else if (host.starts_with("down")) {
    response.cause = Cause::connect;
    response.detail = "Connection refused";
  } else {
    response.status = host.starts_with("gone") ? 410 : 200;
  }
  return response;
}

}  // namespace

std::optional<Error> Service::start() {
  auto opened = store::SqliteStore::open(directory_, {.durable = durable_, .troubles = &troubles});
  if (!opened) return std::move(opened).error();
  store_ = std::move(*opened);
  sender.answer_with([this](const SendJob& job) {
    auto response = response_of(job);
    response.started_at = clock.now();
    return response;
  });
  engine::EngineSettings settings;
  settings.schedule = {{5s, 1h}};
  engine_ = std::make_unique<engine::Engine>(settings, *store_, sender, clock, random, troubles);
  if (auto started = engine_->start(); !started) return std::move(started).error();
  api::ApiOptions options;
  options.address_policy.allow_private = true;
  options.own_hosts = {"127.0.0.1"};
  options.read_threads = 1;
  api_ = std::make_unique<api::Api>(
      api::ApiDoors{engine_->commands(), *engine_, *store_, sender, clock, random, calls_, readiness_, metrics_},
      std::move(options));
  return std::nullopt;
}

Got Service::call(std::string_view method, std::string_view target, std::string body,
                  const std::string& key) {
  http::Request request;
  request.method = http::parse_method(method);
  request.method_text = method;
  request.target = target;
  request.body = std::move(body);
  request.headers.add("host", "127.0.0.1:8000");
  if (!request.body.empty()) request.headers.add("content-type", "application/json");
  if (!key.empty()) request.headers.add("idempotency-key", key);
  const auto connection = ++connections_;
  api_->handle(std::move(request), Responder(this, connection));
  for (int turn = 0; turn < kMostTurns; ++turn) {
    engine_->turn();
    clock.advance(turn < 10 ? Duration{0} : kStep);
    std::unique_lock lock(mutex_);
    const auto came = [&] { return replies_.contains(connection); };
    if (came() || arrived_.wait_for(lock, 5ms, came)) return replies_[connection];
  }
  return {};
}

void Service::run(Duration span) {
  for (Duration passed{}; passed < span; passed += kStep) {
    engine_->turn();
    clock.advance(kStep);
  }
  engine_->turn();
}

std::size_t Service::sent_to(std::string_view host) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(sender.sent, [&](const SendJob& job) { return job.target->url.host == host; }));
}

void Service::respond(std::uint64_t connection, http::Response&& response) {
  const std::lock_guard lock(mutex_);
  replies_[connection] = {response.status, std::string(response.body.view())};
  arrived_.notify_all();
}

std::shared_ptr<ReplyStream> Service::stream(std::uint64_t connection, http::Response&& head, StreamKind,
                                              StreamEvents&& events) {
  return std::make_shared<fakes::CollectedStream>(
      std::move(events), false, [this, connection, status = head.status](std::string&& body, bool) {
        respond(connection, {.status = status, .body = std::move(body)});
      });
}

}  // namespace exposee::damage

// The API: what each HTTP call means. Finds the route, checks what every call must pass, and hands the call
// to its handler, which answers at once or through the engine, the reading threads or the sender. Owned by
// app/. handle(), body_limit() and error() come on the server's thread and never block. What it is wired to
// outlives it; server and sender must have ended before it goes, because they hold on to it.
#pragma once

#include <memory>

#include "api/options.h"
#include "engine/commands.h"
#include "observe/metrics.h"
#include "ports/call_observer.h"
#include "ports/clock.h"
#include "ports/http_service.h"
#include "ports/random.h"
#include "ports/readiness.h"
#include "ports/sender.h"
#include "ports/store.h"

namespace exposee::api {

struct ApiDoors {
  engine::CommandSink& commands;
  engine::RegistrySource& registry;
  ReaderSource& readers;
  Sender& sender;  // for test calls: ping, endpoint test
  Clock& clock;
  Random& random;
  CallObserver& calls;  // of every call and every test delivery
  const Readiness& readiness;
  const observe::MetricsSource& metrics;
};

class Api final : public HttpService {
 public:
  Api(const ApiDoors& doors, ApiOptions options);
  ~Api() override;

  // Which URLs may be registered, and which origins may call, from the next call on. On the server's thread.
  void set_rules(AddressPolicy policy, std::vector<std::string> cors_allow_origins);

  std::size_t body_limit(http::Method method, std::string_view target) const override;
  void handle(http::Request&& request, Responder respond) override;
  http::Response error(const http::Fault& fault, const http::Request& begun) const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace exposee::api

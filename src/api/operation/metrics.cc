// GET /metrics, for Prometheus. What the numbers are: observe/metrics.h, docs/operating.md.
#include "api/resources.h"
#include "observe/exposition.h"

namespace exposee::api {
namespace {

// On a reading thread: it reads sizes of files and the like from the system, which may take its time.
void show_metrics(Call& call) {
  const auto work = [&metrics = call.context.metrics](const Replier& answer) {
    http::Response response{.body = metrics.page()};
    response.headers.add("content-type: ", observe::kExpositionType);
    response.headers.add("cache-control: no-store");
    answer(std::move(response));
  };
  compute_later(call, work, Weight::light);
}

constexpr NamedSchema kSchemas[] = {
    {"Metrics", R"({
      "type": "string",
      "examples": ["# TYPE exposee_events_accepted_total counter\nexposee_events_accepted_total 7\n"]})"},
};

}  // namespace

Resource metrics() {
  return {
      .routes = {
         {.method = http::Method::get,
          .path = "/metrics",
          .scope = Scope::admin,
          .handler = show_metrics,
          .id = "getMetrics",
          .tag = "operation",
          .summary = "Get metrics",
          .description = "Prometheus text format 0.0.4. No URL and no id is among the labels.",
          .responses = {{200, "The metrics", "Metrics"}}},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

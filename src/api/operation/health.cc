// GET /livez and /readyz, for what starts and restarts this server.
#include "api/contract/refusal.h"
#include "api/resources.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

std::string status_json(std::string_view status) {
  return JsonWriter().begin_object().member("status", status).end_object().take();
}

void answer_health(Call& call, engine::Reply reply) {
  auto response = to_response(std::move(reply));
  response.headers.add("cache-control: no-store");
  call.answer(std::move(response));
}

void show_livez(Call& call) {
  answer_health(call, json_reply(200, status_json("ok")));
}

void show_readyz(Call& call) {
  const auto why = call.context.readiness.not_ready();
  answer_health(call, why ? contract_error(503, *why) : json_reply(200, status_json("ready")));
}

constexpr NamedSchema kSchemas[] = {
    {"Health", R"({
      "type": "object", "required": ["status"], "properties": {"status": {"type": "string"}},
      "examples": [{"status": "ok"}]})"},
};

}  // namespace

Resource health() {
  return {
      .routes = {
         {.method = http::Method::get,
          .path = "/livez",
          .scope = Scope::open,
          .handler = show_livez,
          .id = "getLivez",
          .tag = "operation",
          .summary = "Check that the process is alive",
          .description = "Returns 200 as long as the server can answer at all.",
          .responses = {{200, "Alive", "Health"}}},
         {.method = http::Method::get,
          .path = "/readyz",
          .scope = Scope::open,
          .handler = show_readyz,
          .id = "getReadyz",
          .tag = "operation",
          .summary = "Check that the server is ready",
          .description = "Returns 200 when events are accepted, else 503 with the reason.",
          .responses = {{200, "Ready", "Health"}, {503, "Not ready; `detail` says why", "Error"}}},
      },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

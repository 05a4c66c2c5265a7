// /v1/endpoints: creating, listing, changing and removing them, and showing the secret. What an endpoint is
// stands in the registry; how it is at the moment the engine is asked, which tells it as a value. What is
// kept under an Idempotency-Key is part of a turn and so rendered in it; everything else the server's thread
// renders.
#include <algorithm>
#include <memory>

#include "api/resources.h"
#include "api/v1/endpoint_body.h"
#include "api/v1/endpoint_json.h"
#include "api/v1/reply.h"
#include "api/v1/setting_json.h"
#include "api/wire/etag.h"
#include "api/wire/idempotency.h"
#include "api/wire/list_filter.h"
#include "api/wire/page.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

using engine::Registered;
using engine::Reply;

constexpr std::string_view kLocation = "endpoints/";  // relative to the call's own path

engine::EndpointCondition condition_of(const http::Request& request) {
  auto tags = if_match_of(request);
  if (tags.empty()) return {};
  return [tags = std::move(tags)](const Endpoint& endpoint) { return is_named(tags, tag_of(endpoint)); };
}

Reply no_endpoint(std::string_view id) {
  return not_found(problems.endpoint_not_found, "endpoint", id);
}

// Runs `use` with the endpoint that the path names and the view that keeps it, or answers that there is none.
template <class Use>
void with_endpoint(Call& call, Use use) {
  const auto registry = call.registry.now();
  const auto id = EndpointId::parse(call.parameter);
  const auto* endpoint = id ? registry.endpoint_with(*id) : nullptr;
  if (!endpoint) return call.answer(no_endpoint(call.parameter));
  use(registry, *endpoint);
}

std::vector<std::string> patterns_of(const Endpoint& endpoint) {
  std::vector<std::string> patterns;
  for (const auto& entry : endpoint.events) patterns.push_back(entry.pattern);
  return patterns;
}

Reply render_created(const engine::Outcome<Registered>& outcome, const ChangeDetails& details) {
  if (!outcome) return to_reply(problem_of(outcome.error()));
  const auto& endpoint = *outcome->endpoint;
  auto reply = json_reply(201, changed_endpoint_json(endpoint, {}, details));
  reply.made = endpoint.id;
  return reply;
}

http::Response change_response(const engine::Outcome<Registered>& outcome, const EndpointMoment& moment,
                               const ChangeDetails& details) {
  if (!outcome) return to_response(to_reply(problem_of(outcome.error())));
  const auto& endpoint = *outcome->endpoint;
  return tagged(json_reply(200, changed_endpoint_json(endpoint, moment, details)), tag_of(endpoint));
}

// A look at the breaker follows the change. Both run on the engine's thread, which only notes what
// is: the server's renders it.
void submit_change(Call& call, engine::UpdateEndpoint&& command, EndpointNumber number,
                   std::vector<std::string>&& undeclared) {
  command.by = requester_of(call.request);
  auto change = std::make_shared<engine::Outcome<Registered>>();
  engine::Inspect look{[change, number, details = ChangeDetails{.undeclared = std::move(undeclared)},
                        &clock = call.context.clock, answer = call.answer](const engine::EngineView& view) {
    answer.with([change, moment = moment_of(view, number, clock.now()), details] {
      return change_response(*change, moment, details);
    });
  }};
  command.reply = {[change](const auto& outcome) {
                     *change = outcome;
                     return Reply{};
                   },
                   [look = std::move(look), &commands = call.context.commands](Reply&&) {
                     commands.submit(engine::Inspect(look));
                   }};
  call.context.commands.submit(std::move(command));
}

void create_endpoint(Call& call) {
  V1Body body(call.request, names_with_settings({"url", "events"}, {"secret"}));
  const auto url = read_endpoint_url(body, call.context.options);
  body.required("events");
  auto asked = read_endpoint_body(body);
  const bool public_only = asked.settings.sets(&EndpointSettings::public_only, true);
  if (public_only) demand_public(body, call.context.options, url);
  auto secret = read_endpoint_secret(body);
  if (!body.ok()) return call.answer(body.reply());
  std::optional<Problem> problem;
  auto claim = v1_claim(call.request, "POST /v1/endpoints", problem);
  if (problem) return call.answer(to_reply(*problem));

  ChangeDetails details{.with_secret = true,
                        .undeclared = undeclared_of(call.registry.now(), *asked.patterns)};
  engine::CreateEndpoint command{.url = *url,
                                 .patterns = *std::move(asked.patterns),
                                 .secret = std::move(secret),
                                 .claim = *std::move(claim)};
  asked.settings.apply_to(command.settings);
  command.by = requester_of(call.request);
  auto created = std::make_shared<std::shared_ptr<const Endpoint>>();  // null: a refusal
  command.reply = {[created, details = std::move(details)](const auto& outcome) {
                     *created = outcome ? outcome->endpoint : nullptr;
                     return render_created(outcome, details);
                   },
                   [created, answer = call.answer](Reply&& reply) {
                     answer.with([created, reply = std::move(reply)]() mutable {
                       auto tag = *created && !reply.replayed ? tag_of(**created) : std::string();
                       return tagged(std::move(reply), tag, kLocation);
                     });
                   }};
  call.context.commands.submit(std::move(command));
}

using EndpointRows = std::vector<std::shared_ptr<const Endpoint>>;

std::vector<EndpointMoment> moments_of(const engine::EngineView& view, const EndpointRows& rows,
                                       Instant now) {
  std::vector<EndpointMoment> moments;
  moments.reserve(rows.size());
  for (const auto& endpoint : rows) moments.push_back(moment_of(view, endpoint->number, now));
  return moments;
}

std::string rows_json(const EndpointRows& rows, const std::vector<EndpointMoment>& moments) {
  JsonWriter json;
  json.begin_array();
  for (std::size_t i = 0; i < rows.size(); ++i) write_endpoint(*rows[i], moments[i], json);
  return json.end_array().take();
}

// A page of endpoints, without what only the engine's thread has.
struct EndpointList {
  EndpointRows rows;
  std::optional<std::string> next_cursor;
  std::string query;
};

// What is stored is looked up as it is written before it is read by the rules of today.
const Endpoint* endpoint_of_url(const RegistryView& registry, std::string_view text) {
  if (const auto* endpoint = registry.endpoint_at(text)) return endpoint;
  const auto url = parse_url(text);
  return url ? registry.endpoint_at(url->text) : nullptr;
}

std::expected<EndpointList, Problem> read_list(const RegistryView& registry, std::string_view query) {
  const auto& all = registry.endpoints();  // in order of creation, which is that of their numbers
  const auto place = [](const auto& endpoint) { return endpoint->number.value; };
  const auto first_after = [&](std::uint64_t number) { return all.after(EndpointNumber{number}); };
  const auto page = number_page(query, first_after, all.end(), place);
  if (!page) return std::unexpected(page.error());
  EndpointList list{.query = std::string(query)};
  if (const auto url = given_value(query, "url")) {
    const auto* endpoint = endpoint_of_url(registry, *url);
    if (endpoint) list.rows.push_back(*first_after(place(endpoint) - 1));
    return list;
  }
  for (const auto* endpoint : page->rows) list.rows.push_back(*endpoint);
  list.next_cursor = page->next_cursor;
  return list;
}

void list_endpoints(Call& call) {
  auto read = read_list(call.registry.now(), call.request.query());
  if (!read) return call.answer(to_reply(read.error()));
  auto list = std::make_shared<const EndpointList>(*std::move(read));
  call.context.commands.submit(engine::Inspect{
      [list, &clock = call.context.clock, answer = call.answer](const engine::EngineView& view) {
        answer.with([list, moments = moments_of(view, list->rows, clock.now())] {
          return page_response(rows_json(list->rows, moments), list->next_cursor, list->query);
        });
      }});
}

void show_endpoint(Call& call) {
  with_endpoint(call, [&](const RegistryView& registry, const Endpoint& endpoint) {
    auto request = std::make_shared<const http::Request>(std::move(call.request));
    call.context.commands.submit(engine::Inspect{[registry, &endpoint, request, &clock = call.context.clock,
                                                  answer = call.answer](const engine::EngineView& view) {
      answer.with([registry, &endpoint, request, moment = moment_of(view, endpoint.number, clock.now())] {
        auto response = to_response(json_reply(200, endpoint_json(endpoint, moment)));
        return with_etag(*request, std::move(response), tag_of(endpoint));
      });
    }});
  });
}

void update_endpoint(Call& call) {
  const auto registry = call.registry.now();
  const auto id = EndpointId::parse(call.parameter);
  const auto* endpoint = id ? registry.endpoint_with(*id) : nullptr;
  if (!endpoint) return call.answer(no_endpoint(call.parameter));
  V1Body body(call.request, names_with_settings({"events"}, {"disabled"}));
  auto asked = read_endpoint_body(body);
  if (!body.ok()) return call.answer(body.reply());
  auto undeclared = undeclared_of(registry, asked.patterns ? *asked.patterns : patterns_of(*endpoint));

  engine::UpdateEndpoint command{.id = *id,
                                 .only_if = condition_of(call.request),
                                 .patterns = std::move(asked.patterns),
                                 .settings = std::move(asked.settings),
                                 .disabled = asked.disabled};
  submit_change(call, std::move(command), endpoint->number, std::move(undeclared));
}

void enable_endpoint(Call& call) {
  with_endpoint(call, [&](const RegistryView& registry, const Endpoint& endpoint) {
    engine::UpdateEndpoint command{
        .id = endpoint.id, .only_if = condition_of(call.request), .disabled = false};
    submit_change(call, std::move(command), endpoint.number, undeclared_of(registry, patterns_of(endpoint)));
  });
}

void remove_endpoint(Call& call) {
  const auto id = EndpointId::parse(call.parameter);
  if (!id) return call.answer(no_endpoint(call.parameter));
  engine::RemoveEndpoint command{.id = *id, .only_if = condition_of(call.request)};
  command.by = requester_of(call.request);
  command.reply = reply_to<std::monostate>(call.answer, render_removed);
  call.context.commands.submit(std::move(command));
}

void show_endpoint_secret(Call& call) {
  with_endpoint(call, [&](const RegistryView&, const Endpoint& endpoint) {
    auto json = JsonWriter().begin_object().member("secret", endpoint.secret).end_object().take();
    auto response = to_response(json_reply(200, std::move(json)));
    response.headers.add("cache-control: no-store");
    call.answer(std::move(response));
  });
}

std::string endpoint_schema() {
  const auto before = settings_before_events(), after = settings_after_events();
  EndpointSettings example;
  for (const auto& row : before) set_example(row, example);
  return std::string(R"({
      "type": "object",
      "required": ["id", "url", )") +
         setting_names(before) + R"(, "events", )" + setting_names(after) + R"(,
                   "status", "disabled_reason", "disabled_at",
                   "failing_since", "created_at", "updated_at", "held_until", "breaker", "pending"],
      "properties": {
        "id": {"type": "string"}, "url": {"type": "string"}, )" +
         setting_properties(before, SchemaUse::reply) + R"(,
        "events": {"type": "array", "items": {"type": "string"}}, )" +
         setting_properties(after, SchemaUse::reply) + R"(,
        "status": {"type": "string", "enum": ["active", "failing", "held", "paused", "disabled"],
                   "description": "held: the receiver asked for no requests before `held_until`."},
        "disabled_reason": {"type": ["string", "null"]}, "disabled_at": {"type": ["string", "null"]},
        "failing_since": {"type": ["string", "null"]},
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
        "held_until": {"type": ["string", "null"], "format": "date-time",
                       "description": "From Retry-After of a 429 or 503 response, at most one hour ahead. A retry by hand is sent all the same; PATCH with `\"paused\": false` ends the hold."},
        "breaker": {"type": "string", "enum": ["closed", "open", "half_open"],
                    "description": "open: the endpoint failed too often, and nothing but probes is sent; half_open: one probe is being sent."},
        "pending": {"type": "integer", "minimum": 0,
                    "description": "Deliveries to it that are pending, those in flight included."}},
      "examples": [{"id": "ep_01jtfnvy1ket6rbm2x4n8c0q5w", "url": "http://127.0.0.1:9000/hook", )" +
         setting_members(before, example) + R"(, "events": ["order.*"], )" + setting_members(after, example) +
         R"(, "status": "active",
                    "disabled_reason": null, "disabled_at": null, "failing_since": null,
                    "created_at": "2025-05-07T04:03:10.779082+00:00",
                    "updated_at": "2025-05-07T04:03:10.779082+00:00", "held_until": null, "breaker": "closed", "pending": 0}]})";
}

// Made once: the part of the settings comes from their table.
std::string_view made_endpoint_schema() {
  static const std::string made = endpoint_schema();
  return made;
}

const NamedSchema kSchemas[] = {
    {"Endpoint", made_endpoint_schema()},
    {"EndpointCreated", R"({
      "allOf": [{"$ref": "#/components/schemas/Endpoint"},
                {"type": "object", "required": ["secret", "undeclared"], "properties": {"secret": {"type": "string"},
                 "undeclared": {"type": "array", "items": {"type": "string"},
                                "description": "Entries of events that match no declared event type (yet): a typing mistake perhaps."}}}]})"},
    {"EndpointChanged", R"({
      "allOf": [{"$ref": "#/components/schemas/Endpoint"},
                {"type": "object", "required": ["undeclared"], "properties": {
                 "undeclared": {"type": "array", "items": {"type": "string"},
                                "description": "Entries of events that match no declared event type (yet): a typing mistake perhaps."}}}]})"},
    {"EndpointSecret", R"({
      "type": "object", "required": ["secret"], "properties": {"secret": {"type": "string"}},
      "examples": [{"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}]})"},
    {"EndpointPage", R"({
      "type": "object", "required": ["data", "next_cursor", "has_more"],
      "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Endpoint"}},
                     "next_cursor": {"type": ["string", "null"]}, "has_more": {"type": "boolean"}}})"},
};

}  // namespace

Resource endpoints() {
  return {
      .routes =
          {
              {.method = http::Method::post,
               .path = "/v1/endpoints",
               .scope = Scope::integrator,
               .handler = create_endpoint,
               .id = "createEndpoint",
               .tag = "endpoints",
               .summary = "Create an endpoint",
               .description =
                   "`events` lists names of event types, prefixes such as `order.*`, or `*`. Those "
                   "that match no declared event type (yet) are accepted and listed in `undeclared`. "
                   "The response contains the signing secret, which `GET /v1/endpoints/{id}/secret` also "
                   "shows.",
               .request_schema = "EndpointRequest",
               .responses = {{201, "The endpoint and its secret", "EndpointCreated"},
                             {409, "An endpoint with this URL exists", "Problem"},
                             invalid_doc()},
               .idempotent = true},
              {.method = http::Method::get,
               .path = "/v1/endpoints",
               .scope = Scope::integrator,
               .handler = list_endpoints,
               .id = "listEndpoints",
               .tag = "endpoints",
               .summary = "List endpoints",
               .description = "Oldest first.",
               .parameters = {filter_doc("url", "Only the endpoint with this URL, in any spelling."),
                              limit_doc(), cursor_doc()},
               .responses = {{200, "A page of endpoints", "EndpointPage"}, invalid_doc()}},
              {.method = http::Method::get,
               .path = "/v1/endpoints/{id}",
               .scope = Scope::integrator,
               .handler = show_endpoint,
               .id = "getEndpoint",
               .tag = "endpoints",
               .summary = "Show an endpoint",
               .description =
                   "The ETag covers every member but `status`, `held_until`, `breaker` and `pending`, "
                   "which change by themselves. `If-None-Match` returns 304.",
               .responses = {{200, "The endpoint", "Endpoint"}, not_found_doc("Endpoint not found")}},
              {.method = http::Method::patch,
               .path = "/v1/endpoints/{id}",
               .scope = Scope::integrator,
               .handler = update_endpoint,
               .id = "updateEndpoint",
               .tag = "endpoints",
               .summary = "Change an endpoint",
               .description =
                   "Only the members that are sent change; `null` restores the server's default. "
                   "Send `If-Match` to avoid overwriting someone else's change. `{\"disabled\": "
                   "false}` enables a disabled endpoint again. `{\"paused\": false}` resumes it: it "
                   "also ends a hold (`held_until`), and the next attempt is sent at once as the "
                   "probe of an open breaker.",
               .request_schema = "EndpointChange",
               .parameters = {if_match_doc()},
               .responses = {{200, "The changed endpoint", "EndpointChanged"},
                             not_found_doc("Endpoint not found"),
                             changed_doc(),
                             invalid_doc()}},
              {.method = http::Method::del,
               .path = "/v1/endpoints/{id}",
               .scope = Scope::integrator,
               .handler = remove_endpoint,
               .id = "removeEndpoint",
               .tag = "endpoints",
               .summary = "Remove an endpoint",
               .description =
                   "After this call returns, no new attempt starts. Pending deliveries are cancelled.",
               .parameters = {if_match_doc()},
               .responses = {{204, "Removed", ""}, not_found_doc("Endpoint not found"), changed_doc()}},
              {.method = http::Method::post,
               .path = "/v1/endpoints/{id}/enable",
               .scope = Scope::integrator,
               .handler = enable_endpoint,
               .id = "enableEndpoint",
               .tag = "endpoints",
               .summary = "Enable a disabled endpoint again",
               .description =
                   "The same as PATCH with `{\"disabled\": false}`. Nothing changes when the endpoint "
                   "is not disabled. Events accepted meanwhile are not sent.",
               .parameters = {if_match_doc()},
               .responses = {{200, "The enabled endpoint", "EndpointChanged"},
                             not_found_doc("Endpoint not found"),
                             changed_doc()}},
              {.method = http::Method::get,
               .path = "/v1/endpoints/{id}/secret",
               .scope = Scope::integrator,
               .handler = show_endpoint_secret,
               .id = "getEndpointSecret",
               .tag = "endpoints",
               .summary = "Show the signing secret",
               .description = "Receivers verify deliveries with it.",
               .responses = {{200, "The secret", "EndpointSecret"}, not_found_doc("Endpoint not found")}},
          },
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

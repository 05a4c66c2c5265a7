// /v1/deliveries: what happened to each event at each endpoint. Rows come from the store on a reading thread;
// which of the pending ones are in flight this very moment, and what the others wait for, only the engine can
// say, so it is asked before the answer goes out.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "api/handlers.h"
#include "api/v1/answer.h"
#include "api/v1/delivery_filter.h"
#include "api/v1/delivery_json.h"
#include "api/wire/idempotency.h"
#include "api/wire/page.h"
#include "api/wire/query.h"
#include "api/wire/text.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

using engine::Reply;

Reply no_delivery(std::string_view id) {
  return not_found(problems::kDeliveryNotFound, "delivery", id);
}

using Rows = std::vector<DeliveryText>;
using RowsDone = std::function<void(const Rows&)>;

// Asks the engine about those that are pending, then runs `done` on a reading thread: at once when none is
// pending, else the engine is asked between, which does no more than that.
void ask_engine(Context& context, std::shared_ptr<Rows> rows, const Answerer& answer, RowsDone done) {
  if (std::ranges::none_of(*rows, &DeliveryText::is_pending)) return done(*rows);
  context.commands.submit(
      engine::Inspect{[&context, rows, answer, done = std::move(done)](const engine::EngineView& view) {
        const auto now = context.clock.now();
        for (auto& row : *rows) row.look(view, now);
        go_on_later(context, answer, Weight::light, [rows, done] { done(*rows); });
      }});
}

// A row of a list. Without the words of its last failure, when they cannot be read, its hint is a general
// one.
DeliveryText row_text(Reader& reader, const DeliveryView& view, const engine::RegistrySnapshot& registry) {
  if (!needs_failure_words(view.row)) return delivery_text(view, registry, {});
  const auto words = reader.last_failure(view.row.key);
  return delivery_text(view, registry, words ? printable_utf8(*words) : std::string{});
}

// What a list's answer needs besides its rows.
struct ListCall {
  std::string query;
  bool in_flight_only = false;
  std::optional<std::string> next_cursor;
};

http::Response list_response(const std::vector<DeliveryText>& rows, const ListCall& list) {
  JsonWriter json;
  json.begin_array();
  for (const auto& row : rows) {
    if (!list.in_flight_only || row.row.status == DeliveryStatus::in_flight) json.raw(row.text());
  }
  return page_response(json.end_array().take(), list.next_cursor, list.query);
}

// Runs on a reading thread.
void read_list(Context& context, Reader& reader, const Answerer& answer, DeliveryQuery query, ListCall list) {
  auto filter = resolve_event(reader, query);
  if (!filter) return answer(store_trouble(Family::v1, filter.error()));
  if (!*filter) return answer(list_response({}, list));  // of an event that does not exist
  const auto page = reader.deliveries(**filter);
  if (!page) return answer(store_trouble(Family::v1, page.error()));
  if (page->next) list.next_cursor = delivery_id_text(*page->next);
  const auto registry = context.registry.registry();
  auto rows = std::make_shared<Rows>();
  for (const auto& view : page->deliveries) rows->push_back(row_text(reader, view, *registry));
  ask_engine(context, std::move(rows), answer,
             [answer, list = std::move(list)](const auto& asked) { answer(list_response(asked, list)); });
}

// Attempts of one answer, each with up to 16 KiB of response.
constexpr std::uint32_t kMaxShownAttempts = 100;

void read_one(Context& context, Reader& reader, const Answerer& answer, const DeliveryKey& key,
              std::uint32_t attempts_before) {
  const auto view = reader.delivery(key);
  if (!view) {
    const bool unknown = view.error().code == ErrorCode::not_found;
    return answer(unknown ? no_delivery(delivery_id_text(key)) : store_trouble(Family::v1, view.error()));
  }
  const auto attempts = reader.attempts(key, attempts_before, kMaxShownAttempts);
  if (!attempts) return answer(store_trouble(Family::v1, attempts.error()));
  const auto words = reader.last_failure(key);
  if (!words) return answer(store_trouble(Family::v1, words.error()));
  const auto registry = context.registry.registry();
  const auto* endpoint = registry->endpoint_numbered(key.endpoint);
  const auto json = attempts_json(*attempts, endpoint ? std::string_view(endpoint->url) : "");
  auto rows = std::make_shared<Rows>();
  rows->push_back(delivery_text(*view, *registry, printable_utf8(*words), json));
  ask_engine(context, std::move(rows), answer, [answer](const auto& asked) {
    auto response = to_response(json_reply(200, asked.front().text()));
    response.headers.add("cache-control: ", "no-store");
    answer(std::move(response));
  });
}

// Which attempts are asked for: those before this one.
std::uint32_t attempts_before(std::string_view query, std::vector<FieldError>& errors) {
  constexpr std::string_view kName = "attempts_before";
  const auto text = query_value(query, kName);
  if (!text || text->empty()) return kAllAttempts;
  const auto number = whole_number(*text);
  if (number && *number >= 1 && *number <= kAllAttempts) return static_cast<std::uint32_t>(*number);
  errors.push_back(parameter_error(kName, "must be the number of an attempt"));
  return kAllAttempts;
}

Reply render_retried(const engine::Outcome<DeliveryRow>& outcome) {
  if (!outcome) return to_reply(problem_of(outcome.error()));
  JsonWriter json;
  json.begin_object().member("id", delivery_id_text(outcome->key)).member("status", to_text(outcome->status));
  json.member("attempts_made", std::uint64_t{outcome->attempts});
  json.member("retries_by_hand", std::uint64_t{outcome->by_hand}).member("next_attempt_at", outcome->due);
  return json_reply(202, json.end_object().take());
}

}  // namespace

void list_deliveries(Call& call) {
  const auto registry = call.context.registry.registry();
  const std::string query(call.request.query());
  auto parsed = parse_delivery_query(query, *registry);
  if (!parsed) return call.answer(to_reply(query_problem(std::move(parsed.error()))));
  ListCall list{query, parsed->in_flight_only, std::nullopt};
  read_later(call, [&context = call.context, parsed = *std::move(parsed), list = std::move(list)](
                       Reader& reader, const Answerer& answer) {
    read_list(context, reader, answer, parsed, list);
  });
}

void show_delivery(Call& call) {
  const auto key = parse_delivery_id(call.parameter);
  if (!key) return call.answer(no_delivery(call.parameter));
  std::vector<FieldError> errors;
  const auto before = attempts_before(call.request.query(), errors);
  if (!errors.empty()) return call.answer(to_reply(query_problem(std::move(errors))));
  read_later(call, [&context = call.context, key = *key, before](Reader& reader, const Answerer& answer) {
    read_one(context, reader, answer, key, before);
  });
}

void retry_delivery(Call& call) {
  const auto key = parse_delivery_id(call.parameter);
  const auto registry = call.context.registry.registry();
  // The engine knows no more endpoints than the registry; an id made up of other numbers names no delivery.
  if (!key || !registry->endpoint_numbered(key->endpoint)) return call.answer(no_delivery(call.parameter));
  std::optional<Problem> problem;
  auto claim = v1_claim(call.request, fmt::format("POST /v1/deliveries/{}/retry", call.parameter), problem);
  if (problem) return call.answer(to_reply(*problem));
  engine::RetryDelivery command{.key = *key, .claim = *std::move(claim)};
  command.reply = reply_to<DeliveryRow>(call.answer, render_retried);
  call.context.commands.submit(std::move(command));
}

}  // namespace exposee::api

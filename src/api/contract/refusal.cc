#include "api/contract/refusal.h"

#include <fmt/format.h>

#include "api/resources.h"
#include "api/wire/replier.h"
#include "json/writer.h"

namespace exposee::api {
namespace {

std::string fault_json(std::string_view type, std::string_view loc, std::string_view message,
                       std::string_view input, std::string_view context = {}) {
  JsonWriter json;
  json.begin_object()
      .member("type", type)
      .raw_member("loc", loc)
      .member("msg", message)
      .raw_member("input", input);
  if (!context.empty()) json.raw_member("ctx", context);
  return json.end_object().take();
}

std::string place(std::string_view where, std::string_view field) {
  return JsonWriter().begin_array().value(where).value(field).end_array().take();
}

}  // namespace

engine::Reply contract_error(int status, std::string_view sentence, std::string_view hint,
                             std::string_view code) {
  JsonWriter json;
  json.begin_object().member("detail", sentence);
  if (!code.empty()) json.member("code", code);
  if (!hint.empty()) json.member("hint", hint);
  return json_reply(status, json.end_object().take());
}

engine::Reply contract_problem(const Problem& problem) {
  JsonWriter json;
  json.begin_object().member("detail", problem.detail).member("code", problem.kind->code);
  return json_reply(problem.kind->status, json.text_or_null("hint", hint_of(problem)).end_object().take());
}

engine::Reply contract_trouble(const engine::Refused& refused, std::string_view idempotency_key) {
  const Problem problem = problem_of(refused);
  if (refused.why == engine::Refusal::key_reused) {
    Faults faults;
    faults.add("value_error", "header", "idempotency-key",
               fmt::format("Value error, {}. {}", problem.detail, problem.kind->hint),
               JsonWriter().value(idempotency_key).take());
    return faults.reply();
  }
  return contract_problem(problem);
}

void Faults::add(std::string_view type, std::string_view where, std::string_view field,
                 std::string_view message, std::string_view input) {
  entries_.push_back(fault_json(type, place(where, field), message, input));
}

void Faults::add_body(std::string_view type, std::string_view message, std::string_view input) {
  entries_.push_back(fault_json(type, R"(["body"])", message, input));
}

void Faults::add_broken_json(const JsonFault& fault) {
  const auto loc =
      JsonWriter().begin_array().value("body").value(std::uint64_t{fault.offset}).end_array().take();
  const std::string why = JsonWriter().begin_object().member("error", fault.message).end_object().take();
  entries_.push_back(fault_json("json_invalid", loc, "JSON decode error", "{}", why));
}

engine::Reply Faults::reply() const {
  JsonWriter json;
  json.begin_object().key("detail").begin_array();
  for (const auto& entry : entries_) json.raw(entry);
  json.end_array();
  if (!hint_.empty()) json.member("hint", hint_);
  return json_reply(422, json.end_object().take());
}

namespace {

constexpr NamedSchema kSchemas[] = {
    {"Error", R"({
      "type": "object", "required": ["detail"],
      "properties": {"detail": {"type": "string"},
                     "code": {"type": "string", "description": "Stable, for programs."},
                     "hint": {"type": ["string", "null"], "description": "What to do next."}},
      "examples": [{"detail": "Event 'x' not found"}]})"},
    {"ValidationError", R"({
      "type": "object", "required": ["detail"],
      "properties": {"detail": {"type": "array", "description": "One entry per fault, in the order of the fields.",
        "items": {
          "type": "object", "required": ["type", "loc", "msg", "input"],
          "properties": {
            "type": {"type": "string", "enum": ["missing", "json_invalid", "model_attributes_type", "dict_type",
              "string_type", "value_error", "url_type", "url_parsing", "url_scheme", "url_too_long"]},
            "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
            "msg": {"type": "string"}, "input": {"description": "The faulty value."}}}},
        "hint": {"type": "string", "description": "What to do next."}},
      "examples": [{"detail": [{"type": "missing", "loc": ["body", "url"], "msg": "Field required",
                                "input": {"event": "user_registered"}}]}]})"},
};

}  // namespace

Resource contract_refusals() {
  return {
      .schemas = kSchemas,
  };
}

}  // namespace exposee::api

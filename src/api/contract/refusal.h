// How the contract's calls say no: {"detail": "<sentence>"}, and for a 422 {"detail":
// [{"type","loc","msg","input"}]} with one entry per fault in the order of the fields. Types, places and
// sentences are the contract's; the messages are those that the original service's users know. Values only;
// any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/wire/problem.h"
#include "engine/commands.h"
#include "json/scan.h"

namespace exposee::api {

// `hint`: one sentence more, beside the contract's; may be empty.
engine::Reply contract_error(int status, std::string_view sentence, std::string_view hint = {},
                             std::string_view code = {});

// A problem in the contract's form: its sentence, and `code` and `hint` beside it.
engine::Reply contract_problem(const Problem& problem);

// What the engine refuses for reasons that have nothing to do with the call: overload, the disk, limits,
// keys.
engine::Reply contract_trouble(const engine::Refused& refused, std::string_view idempotency_key);

// The faults of one request.
class Faults {
 public:
  // `input`: what was wrong, as JSON text.
  void add(std::string_view type, std::string_view where, std::string_view field, std::string_view message,
           std::string_view input);
  void add_body(std::string_view type, std::string_view message, std::string_view input);
  void add_broken_json(const JsonFault& fault);

  // One sentence that stands beside all of them.
  void set_hint(std::string hint) { hint_ = std::move(hint); }

  bool empty() const { return entries_.empty(); }
  engine::Reply reply() const;  // 422

 private:
  std::vector<std::string> entries_;  // JSON objects
  std::string hint_;
};

}  // namespace exposee::api

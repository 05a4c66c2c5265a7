// Reads and judges the JSON body of a call of the contract. All faults are reported at once, in the order in
// which the fields are asked for; whether the body as a whole is one comes first. The sentences of a fault
// are the original service's (FastAPI with pydantic v2). Lives on the server's thread for one call; the texts
// it gives are valid until the next body is read on this thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/contract/refusal.h"
#include "api/wire/call.h"
#include "core/url/url.h"
#include "json/read.h"

namespace exposee::api {

class ContractBody {
 public:
  explicit ContractBody(const Call& call);

  // Each gives nothing after noting the fault. Fields of a body that is not an object are not judged at all.
  std::optional<std::string_view> text(std::string_view field);  // missing, string_type
  std::optional<std::string> event(std::string_view field);      // … value_error; lower-cased
  std::optional<Url> url(std::string_view field);                // … url_type, url_*, value_error
  // The same, in normal form; a text that is listed is taken as it is, and no rule is asked.
  using IsListed = std::function<bool(std::string_view)>;
  std::optional<std::string> listed_url(std::string_view field, const IsListed& is_listed);

  // A value_error of a member that the caller judged; it is shown as it was sent.
  void refuse(std::string_view field, std::string_view sentence);

  bool ok() const { return faults_.empty(); }
  Faults& faults() { return faults_; }

 private:
  // How a member that is not a string is reported: the original names URLs and other texts apart.
  struct NotAString {
    std::string_view type, message;
  };

  std::optional<JsonElement> member(std::string_view field);
  std::optional<std::string_view> string(std::string_view field, const NotAString& fault);
  std::optional<std::string_view> url_text(std::string_view field);

  std::optional<JsonObject> object_;
  Faults faults_;
};

// The payload of a ping: any JSON object, or none at all (empty body, null).
struct PingPayload {
  Faults faults;
  std::string_view json;  // as written; empty: none, or an object without members
};
PingPayload read_ping_payload(const Call& call);

}  // namespace exposee::api

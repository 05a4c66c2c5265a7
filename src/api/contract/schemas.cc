// Schemas of the contract's calls, of what receivers get, and of what both families share.
#include "api/wire/schemas.h"

namespace exposee::api {
namespace {

constexpr NamedSchema kSchemas[] = {
    {"WebhookRequest", R"({
      "type": "object", "required": ["event", "url"],
      "properties": {
        "event": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                  "description": "Name of an event, in upper or lower case.", "examples": ["user_registered"]},
        "url": {"type": "string", "format": "uri", "maxLength": 2083, "description": "http or https.",
                "examples": ["http://127.0.0.1:9000/hook"]}},
      "examples": [{"event": "user_registered", "url": "http://127.0.0.1:9000/hook"}]})"},
    {"WebhookRegistered", R"({
      "type": "object", "required": ["message", "url", "event"],
      "properties": {
        "message": {"type": "string"}, "url": {"type": "string", "description": "In normal form."},
        "event": {"type": "string"}, "endpoint_id": {"type": "string"},
        "secret": {"type": "string", "description": "Signing secret; only when the URL is new."}},
      "examples": [{"message": "Webhook registered successfully", "url": "http://127.0.0.1:9000/hook",
                    "event": "user_registered", "endpoint_id": "ep_01jtfnvy1ket6rbm2x4n8c0q5w",
                    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}]})"},
    {"WebhookList", R"({
      "type": "object", "required": ["webhooks"],
      "properties": {"webhooks": {"type": "array", "items": {
        "type": "object", "required": ["event", "urls"],
        "properties": {"event": {"type": "string"}, "urls": {"type": "array", "items": {"type": "string"}}}}}},
      "examples": [{"webhooks": [{"event": "user_registered", "urls": ["http://127.0.0.1:9000/hook"]},
                                 {"event": "user_send_message", "urls": []}]}]})"},
    {"PingPayload", R"({
      "type": "object", "additionalProperties": true, "description": "Any JSON object. Left out or empty: a default message is sent.",
      "examples": [{"message": "Ping from User Notification Webhook Service"}]})"},
    {"PingReport", R"({
      "type": "object",
      "required": ["message", "successful_webhooks_count", "successful_webhooks", "failed_webhooks_count",
                   "failed_webhooks"],
      "properties": {
        "message": {"type": "string"},
        "successful_webhooks_count": {"type": "integer"},
        "successful_webhooks": {"type": "array", "items": {
          "type": "object", "required": ["event", "url", "payload_response", "status_code"],
          "properties": {"event": {"type": "string"}, "url": {"type": "string"},
                         "payload_response": {"description": "The receiver's JSON answer, or {}."},
                         "status_code": {"type": "integer"}}}},
        "failed_webhooks_count": {"type": "integer"},
        "hint": {"type": "string", "description": "Only when a receiver failed."},
        "failed_webhooks": {"type": "array", "items": {
          "type": "object", "required": ["event", "url", "error", "status_code"],
          "properties": {"event": {"type": "string"}, "url": {"type": "string"}, "error": {"type": "string"},
                         "status_code": {"type": ["integer", "null"]}}}}},
      "examples": [{
        "message": "Pinged all registered webhooks successfully.",
        "successful_webhooks_count": 1,
        "successful_webhooks": [{"event": "user_registered", "url": "http://127.0.0.1:9000/hook",
                                 "payload_response": {"message": "Webhook received successfully"}, "status_code": 200}],
        "failed_webhooks_count": 1,
        "failed_webhooks": [{"event": "user_registered", "url": "http://127.0.0.1:9001/hook",
                             "error": "Connection refused", "status_code": null}]}]})"},
    {"UserRequest", R"({
      "type": "object", "required": ["username"],
      "properties": {"username": {"type": "string", "minLength": 1, "maxLength": 128,
                                  "pattern": "^[^\\u0000-\\u001F\\u007F-\\u009F]+$", "description": "No control characters.",
                                  "examples": ["alice"]}},
      "examples": [{"username": "alice"}]})"},
    {"User", R"({
      "type": "object", "required": ["username", "registered_at"],
      "properties": {"username": {"type": "string"}, "registered_at": {"type": "string", "format": "date-time"}},
      "examples": [{"username": "alice", "registered_at": "2025-05-07T04:03:10.779082+00:00"}]})"},
    {"UserList", R"({
      "type": "array", "items": {"$ref": "#/components/schemas/User"},
      "examples": [[{"username": "alice", "registered_at": "2025-05-07T04:03:10.779082+00:00"}]]})"},
    {"MessageRequest", R"({
      "type": "object", "required": ["sender", "recipient", "subject", "message"],
      "properties": {
        "sender": {"type": "string", "pattern": "^[^\\u0000]*$", "description": "A registered user.", "examples": ["alice"]},
        "recipient": {"type": "string", "pattern": "^[^\\u0000]*$", "description": "Another registered user.",
                      "examples": ["bob"]},
        "subject": {"type": "string", "pattern": "^[^\\u0000]*$", "examples": ["Hello"]},
        "message": {"type": "string", "pattern": "^[^\\u0000]*$", "examples": ["How are you?"]}},
      "examples": [{"sender": "alice", "recipient": "bob", "subject": "Hello", "message": "How are you?"}]})"},
    {"Message", R"({
      "type": "object", "required": ["sender", "recipient", "subject", "message", "received_at"],
      "properties": {
        "sender": {"type": "string", "description": "In lower case."},
        "recipient": {"type": "string", "description": "As it was given."},
        "subject": {"type": "string"}, "message": {"type": "string"},
        "received_at": {"type": "string", "format": "date-time"}},
      "examples": [{"sender": "alice", "recipient": "bob", "subject": "Hello", "message": "How are you?",
                    "received_at": "2025-05-07T04:03:10.779082+00:00"}]})"},
    {"MessageList", R"({"type": "array", "items": {"$ref": "#/components/schemas/Message"}})"},
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
    {"Health", R"({
      "type": "object", "required": ["status"], "properties": {"status": {"type": "string"}},
      "examples": [{"status": "ok"}]})"},
    {"Document", R"({"type": "object", "additionalProperties": true})"},
    {"UserRegisteredEvent", R"({
      "type": "object", "required": ["event", "data", "id", "timestamp"],
      "properties": {
        "event": {"const": "user_registered"}, "data": {"$ref": "#/components/schemas/User"},
        "id": {"type": "string"}, "timestamp": {"type": "string", "format": "date-time"}},
      "examples": [{"event": "user_registered",
                    "data": {"username": "alice", "registered_at": "2025-05-07T04:03:10.779082+00:00"},
                    "id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "timestamp": "2025-05-07T04:03:10.779410+00:00"}]})"},
    {"UserSendMessageEvent", R"({
      "type": "object", "required": ["event", "data", "id", "timestamp"],
      "properties": {
        "event": {"const": "user_send_message"}, "data": {"$ref": "#/components/schemas/Message"},
        "id": {"type": "string"}, "timestamp": {"type": "string", "format": "date-time"}},
      "examples": [{"event": "user_send_message",
                    "data": {"sender": "alice", "recipient": "bob", "subject": "Hello", "message": "How are you?",
                             "received_at": "2025-05-07T04:03:10.779082+00:00"},
                    "id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "timestamp": "2025-05-07T04:03:10.779410+00:00"}]})"},
};

}  // namespace

std::span<const NamedSchema> contract_schemas() {
  return kSchemas;
}

}  // namespace exposee::api

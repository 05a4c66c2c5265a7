// Schemas of the calls under /v1.
#include "api/wire/schemas.h"

namespace exposee::api {
namespace {

constexpr NamedSchema kSchemas[] = {
    {"Problem", R"({
      "type": "object", "required": ["type", "title", "status", "detail", "code"], "description": "A problem document (RFC 9457).",
      "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "code": {"type": "string", "description": "Stable, for programs."},
        "hint": {"type": "string", "description": "The next step."}, "endpoint_id": {"type": "string"},
        "errors": {"type": "array", "items": {
          "type": "object", "required": ["pointer", "message"],
          "properties": {"pointer": {"type": "string", "description": "/url, or /query/status for a parameter."},
                         "message": {"type": "string"}}}}},
      "examples": [{"type": "urn:exposee:problem:invalid_request", "title": "Invalid request", "status": 422,
                    "detail": "Invalid body", "code": "invalid_request",
                    "errors": [{"pointer": "/events", "message": "is required"}]}]})"},
    {"Endpoint", R"({
      "type": "object",
      "required": ["id", "url", "description", "events", "timeout_ms", "schedule_ms", "max_in_flight",
                   "rate_per_second", "ordered", "paused", "status", "disabled_reason", "disabled_at",
                   "failing_since", "created_at", "updated_at", "held_until", "breaker"],
      "properties": {
        "id": {"type": "string"}, "url": {"type": "string"}, "description": {"type": "string"},
        "events": {"type": "array", "items": {"type": "string"}},
        "timeout_ms": {"type": ["integer", "null"], "description": "Time for one attempt. null: the server's default."},
        "schedule_ms": {"type": ["array", "null"], "items": {"type": "integer"},
                        "description": "Waits before attempts 2, 3, and so on. null: the server's default."},
        "max_in_flight": {"type": ["integer", "null"], "description": "Attempts at the same time. null: the server's default, raised up to 64 while the endpoint answers within 10 ms."},
        "rate_per_second": {"type": ["integer", "null"], "description": "Attempts started per second. null: no limit."},
        "ordered": {"type": "boolean", "description": "An event is sent only after the one before it is final."},
        "paused": {"type": "boolean"},
        "status": {"type": "string", "enum": ["active", "failing", "held", "paused", "disabled"],
                   "description": "held: the receiver asked for no requests before `held_until`."},
        "disabled_reason": {"type": ["string", "null"]}, "disabled_at": {"type": ["string", "null"]},
        "failing_since": {"type": ["string", "null"]},
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
        "held_until": {"type": ["string", "null"], "format": "date-time",
                       "description": "From Retry-After of a 429 or 503 response, at most one hour ahead. A retry by hand is sent all the same; PATCH with `\"paused\": false` ends the hold."},
        "breaker": {"type": "string", "enum": ["closed", "open", "half_open"],
                    "description": "open: the endpoint failed too often, and nothing but probes is sent; half_open: one probe is being sent."}},
      "examples": [{"id": "ep_01jtfnvy1ket6rbm2x4n8c0q5w", "url": "http://127.0.0.1:9000/hook", "description": "shop",
                    "events": ["order.*"], "timeout_ms": null, "schedule_ms": null, "max_in_flight": null,
                    "rate_per_second": null, "ordered": false, "paused": false, "status": "active",
                    "disabled_reason": null, "disabled_at": null, "failing_since": null,
                    "created_at": "2025-05-07T04:03:10.779082+00:00",
                    "updated_at": "2025-05-07T04:03:10.779082+00:00", "held_until": null, "breaker": "closed"}]})"},
    {"EndpointRequest", R"({
      "type": "object", "required": ["url", "events"], "additionalProperties": false,
      "description": "Only url and events are required; a member that is left out gets the server's default.",
      "properties": {
        "url": {"type": "string", "format": "uri", "maxLength": 2083, "description": "http or https.",
                "examples": ["http://127.0.0.1:9000/orders"]},
        "events": {"type": "array", "minItems": 1, "maxItems": 100, "uniqueItems": true,
                   "items": {"type": "string", "maxLength": 130, "pattern": "^(\\*|[a-z0-9_-]+(\\.[a-z0-9_-]+)*(\\.\\*)?)$"},
                   "description": "Names of event types, prefixes such as order.*, or * for all.", "examples": [["order.*"]]},
        "description": {"type": "string", "maxLength": 500, "examples": ["shop"]},
        "timeout_ms": {"type": ["integer", "null"], "minimum": 1000, "maximum": 30000,
                       "description": "Time for one attempt in milliseconds. null: the server's default.", "examples": [5000]},
        "schedule_ms": {"type": ["array", "null"], "items": {"type": "integer", "minimum": 1},
                        "description": "Waits in milliseconds before attempts 2, 3, and so on. null: the server's default.",
                        "examples": [[5000, 60000, 600000]]},
        "max_in_flight": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000,
                          "description": "Attempts at the same time. null: the server's default.", "examples": [4]},
        "rate_per_second": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000,
                            "description": "Attempts started per second. null: no limit.", "examples": [50]},
        "ordered": {"type": "boolean", "description": "Send an event only after the one before it is final. Left out: false."},
        "paused": {"type": "boolean", "description": "Keep deliveries waiting until this is false again. Left out: false."},
        "secret": {"type": "string", "maxLength": 128,
                   "description": "A signing secret to import: whsec_ and base64 of 24 to 64 bytes. Left out or empty: one is generated."}},
      "examples": [{"url": "http://127.0.0.1:9000/orders", "events": ["order.*"], "description": "shop"}]})"},
    {"EndpointChange", R"({
      "type": "object", "additionalProperties": false, "description": "Only the members that are sent change.",
      "properties": {
        "events": {"type": "array", "minItems": 1, "maxItems": 100, "uniqueItems": true,
                   "items": {"type": "string", "maxLength": 130, "pattern": "^(\\*|[a-z0-9_-]+(\\.[a-z0-9_-]+)*(\\.\\*)?)$"},
                   "description": "Names of event types, prefixes such as order.*, or * for all.", "examples": [["order.*"]]},
        "description": {"type": "string", "maxLength": 500, "examples": ["shop"]},
        "timeout_ms": {"type": ["integer", "null"], "minimum": 1000, "maximum": 30000,
                       "description": "Time for one attempt in milliseconds. null: the server's default.", "examples": [5000]},
        "schedule_ms": {"type": ["array", "null"], "items": {"type": "integer", "minimum": 1},
                        "description": "Waits in milliseconds before attempts 2, 3, and so on. null: the server's default.",
                        "examples": [[5000, 60000, 600000]]},
        "max_in_flight": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000,
                          "description": "Attempts at the same time. null: the server's default.", "examples": [4]},
        "rate_per_second": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000000,
                            "description": "Attempts started per second. null: no limit.", "examples": [50]},
        "ordered": {"type": "boolean", "description": "Send an event only after the one before it is final."},
        "paused": {"type": "boolean", "description": "Keep deliveries waiting until this is false again."},
        "disabled": {"type": "boolean", "description": "false enables the endpoint again; true disables it by hand."}},
      "examples": [{"description": "shop, paused for the move", "paused": true}]})"},
    {"EndpointCreated", R"({
      "allOf": [{"$ref": "#/components/schemas/Endpoint"},
                {"type": "object", "required": ["secret", "undeclared"], "properties": {"secret": {"type": "string"},
                 "undeclared": {"type": "array", "items": {"type": "string"},
                                "description": "Names in events that are not declared as event types (yet)."}}}]})"},
    {"EndpointChanged", R"({
      "allOf": [{"$ref": "#/components/schemas/Endpoint"},
                {"type": "object", "required": ["undeclared"], "properties": {
                 "undeclared": {"type": "array", "items": {"type": "string"},
                                "description": "Names in events that are not declared as event types (yet)."}}}]})"},
    {"EndpointSecret", R"({
      "type": "object", "required": ["secret"], "properties": {"secret": {"type": "string"}},
      "examples": [{"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}]})"},
    {"EndpointPage", R"({
      "type": "object", "required": ["data", "next_cursor", "has_more"],
      "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Endpoint"}},
                     "next_cursor": {"type": ["string", "null"]}, "has_more": {"type": "boolean"}}})"},
    {"EndpointTest", R"({
      "type": "object", "additionalProperties": false,
      "properties": {"event": {"type": "string", "maxLength": 128, "pattern": "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$",
                               "description": "Left out: the first event type that the endpoint names."},
                     "data": {"description": "Any JSON value. Left out: a short message."}},
      "examples": [{"event": "order.paid", "data": {"order": 7}}]})"},
    {"EndpointTestReport", R"({
      "type": "object",
      "required": ["succeeded", "status_code", "cause", "error", "hint", "duration_ms", "response_content_type",
                   "response_body", "request"],
      "properties": {
        "succeeded": {"type": "boolean"}, "status_code": {"type": ["integer", "null"]},
        "cause": {"type": ["string", "null"]}, "error": {"type": ["string", "null"]},
        "hint": {"type": ["string", "null"]}, "duration_ms": {"type": "number"},
        "response_content_type": {"type": ["string", "null"]}, "response_body": {"type": ["string", "null"]},
        "request": {"type": "object", "required": ["url", "message_id", "event", "body"], "properties": {
          "url": {"type": "string"}, "message_id": {"type": "string"}, "event": {"type": "string"},
          "body": {"type": "string"}}}}})"},
    {"EventTypeRequest", R"({
      "type": "object", "required": ["name"], "additionalProperties": false,
      "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$",
                              "description": "Segments of lower-case letters, digits, '_' and '-', separated by dots.",
                              "examples": ["order.paid"]},
                     "description": {"type": "string", "maxLength": 500, "examples": ["An order was paid"]}},
      "examples": [{"name": "order.paid", "description": "An order was paid"}]})"},
    {"EventType", R"({
      "type": "object", "required": ["name", "description", "created_at"],
      "properties": {"name": {"type": "string"}, "description": {"type": "string"},
                     "created_at": {"type": "string", "format": "date-time"}},
      "examples": [{"name": "order.paid", "description": "An order was paid",
                    "created_at": "2025-05-07T04:03:10.779082+00:00"}]})"},
    {"EventTypePage", R"({
      "type": "object", "required": ["data", "next_cursor", "has_more"],
      "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/EventType"}},
                     "next_cursor": {"type": ["string", "null"]}, "has_more": {"type": "boolean"}}})"},
    {"EventRequest", R"({
      "type": "object", "required": ["event", "data"], "additionalProperties": false,
      "properties": {"event": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$",
                               "description": "Name of a declared event type.", "examples": ["user_registered"]},
                     "data": {"description": "Any JSON value; sent byte for byte as received."}},
      "examples": [{"event": "user_registered", "data": {"username": "alice"}}]})"},
    {"EventItem", R"({
      "type": "object", "required": ["event", "data"], "additionalProperties": false,
      "properties": {"event": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$"},
                     "data": {"description": "Any JSON value; sent byte for byte as received."},
                     "idempotency_key": {"type": "string", "minLength": 1, "maxLength": 255,
                       "description": "Does for this item what the header Idempotency-Key does for a single event."}}})"},
    {"EventsRequest", R"({
      "oneOf": [{"$ref": "#/components/schemas/EventRequest"},
                {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"$ref": "#/components/schemas/EventItem"},
                 "examples": [[{"event": "user_registered", "data": {"username": "alice"}, "idempotency_key": "u-1"},
                               {"event": "user_registered", "data": {"username": "bob"}, "idempotency_key": "u-2"}]]}],
      "examples": [{"event": "user_registered", "data": {"username": "alice"}}]})"},
    {"EventItemResult", R"({
      "type": "object", "required": ["status"],
      "description": "With status 202 the members of EventAccepted, with any other status those of Problem.",
      "properties": {
        "status": {"type": "integer"},
        "replayed": {"type": "boolean", "description": "true: this is the stored response of an earlier request with that idempotency_key."},
        "id": {"type": "string"}, "event": {"type": "string"},
        "timestamp": {"type": "string", "format": "date-time"}, "deliveries": {"type": "integer"},
        "type": {"type": "string"}, "title": {"type": "string"}, "detail": {"type": "string"},
        "code": {"type": "string"}, "hint": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object", "properties": {
          "pointer": {"type": "string", "description": "Into the body: /2/data."}, "message": {"type": "string"}}}}}})"},
    {"EventsAccepted", R"({
      "oneOf": [{"$ref": "#/components/schemas/EventAccepted"},
                {"type": "object", "required": ["data", "accepted", "refused"],
                 "properties": {
                   "data": {"type": "array", "items": {"$ref": "#/components/schemas/EventItemResult"},
                            "description": "One result for each item, in the same order."},
                   "accepted": {"type": "integer"}, "refused": {"type": "integer"}},
                 "examples": [{"data": [
                   {"status": 202, "id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "event": "order.paid",
                    "timestamp": "2025-05-07T04:03:10.779082+00:00", "deliveries": 1},
                   {"type": "urn:exposee:problem:event_type_not_found", "title": "No such event type", "status": 404,
                    "detail": "Event type 'order.pad' is not declared", "code": "event_type_not_found",
                    "hint": "Declare it with POST /v1/event-types; GET /v1/event-types lists them."}],
                   "accepted": 1, "refused": 1}]}],
      "examples": [{"id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "event": "order.paid",
                    "timestamp": "2025-05-07T04:03:10.779082+00:00", "deliveries": 1}]})"},
    {"EventAccepted", R"({
      "type": "object", "required": ["id", "event", "timestamp", "deliveries"],
      "properties": {"id": {"type": "string"}, "event": {"type": "string"},
                     "timestamp": {"type": "string", "format": "date-time"},
                     "deliveries": {"type": "integer", "description": "Number of endpoints that the event is delivered to."}},
      "examples": [{"id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "event": "order.paid",
                    "timestamp": "2025-05-07T04:03:10.779082+00:00", "deliveries": 1}]})"},
    {"Event", R"({
      "type": "object", "required": ["event", "data", "id", "timestamp", "message_id"],
      "properties": {"event": {"type": "string"}, "data": {}, "id": {"type": "string"},
                     "timestamp": {"type": "string", "format": "date-time"},
                     "message_id": {"type": "string", "description": "The header `webhook-id` of every attempt."}},
      "examples": [{"event": "order.paid", "data": {"order": 7}, "id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w",
                    "timestamp": "2025-05-07T04:03:10.779082+00:00",
                    "message_id": "msg_01jtfnvy1ket6rbm2x4n8c0q5w"}]})"},
    {"EventSummary", R"({
      "type": "object", "required": ["id", "event", "timestamp", "message_id", "deliveries"],
      "properties": {"id": {"type": "string"}, "event": {"type": "string"},
                     "timestamp": {"type": "string", "format": "date-time"}, "message_id": {"type": "string"},
                     "deliveries": {"type": "integer", "minimum": 0}}})"},
    {"EventPage", R"({
      "type": "object", "required": ["data", "next_cursor", "has_more"],
      "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/EventSummary"}},
                     "next_cursor": {"type": ["string", "null"]}, "has_more": {"type": "boolean"}},
      "examples": [{"data": [{"id": "evt_01jtfnvy1ket6rbm2x4n8c0q5w", "event": "order.paid",
                              "timestamp": "2025-05-07T04:03:10.779082+00:00",
                              "message_id": "msg_01jtfnvy1ket6rbm2x4n8c0q5w", "deliveries": 1}],
                    "next_cursor": null, "has_more": false}]})"},
    {"Delivery", R"({
      "type": "object", "required": ["id", "event_id", "event", "endpoint_id", "url", "status", "attempts_made",
        "retries_by_hand", "cause", "status_code", "hint", "created_at", "last_attempt_at", "next_attempt_at"],
      "properties": {
        "id": {"type": "string"}, "event_id": {"type": "string"}, "event": {"type": ["string", "null"]},
        "endpoint_id": {"type": ["string", "null"]}, "url": {"type": ["string", "null"]},
        "status": {"type": "string", "enum": ["pending", "in_flight", "succeeded", "exhausted", "cancelled"],
                   "description": "in_flight: an attempt is under way or about to start."},
        "attempts_made": {"type": "integer"},
        "retries_by_hand": {"type": "integer", "description": "How often a retry was requested; at most 1,000."},
        "cause": {"type": ["string", "null"], "description": "Cause of the last failed attempt."},
        "status_code": {"type": ["integer", "null"], "description": "HTTP status of the last attempt. null: no response."},
        "hint": {"type": ["string", "null"], "description": "What a pending delivery waits for, and why the last attempt failed."},
        "created_at": {"type": "string", "format": "date-time"},
        "last_attempt_at": {"type": ["string", "null"]},
        "next_attempt_at": {"type": ["string", "null"], "description": "Of a pending delivery, never in the past. null: not known, for example while its endpoint is paused."}}})"},
    {"Attempt", R"({
      "type": "object",
      "required": ["id", "attempt", "succeeded", "status_code", "cause", "error", "hint", "started_at", "duration_ms",
                   "timings_ms", "remote_address", "connection_reused", "reason", "retry_after",
                   "response_content_type", "response_body"],
      "properties": {
        "id": {"type": "string"}, "attempt": {"type": "integer", "minimum": 1, "description": "Counted from 1."},
        "succeeded": {"type": "boolean"}, "status_code": {"type": ["integer", "null"]},
        "cause": {"type": ["string", "null"]}, "error": {"type": ["string", "null"]},
        "hint": {"type": ["string", "null"]}, "started_at": {"type": "string", "format": "date-time"},
        "duration_ms": {"type": "number"},
        "timings_ms": {"type": "object", "required": ["dns", "connect", "tls", "first_byte", "total"],
          "properties": {"dns": {"type": "number"}, "connect": {"type": "number"}, "tls": {"type": "number"},
          "first_byte": {"type": ["number", "null"], "description": "null: no response began."},
          "total": {"type": "number"}}},
        "remote_address": {"type": ["string", "null"]}, "connection_reused": {"type": "boolean"},
        "reason": {"type": ["string", "null"]}, "retry_after": {"type": ["string", "null"]},
        "response_content_type": {"type": ["string", "null"]},
        "response_body": {"type": ["string", "null"], "description": "At most 16 KiB are kept."}}})"},
    {"DeliveryPage", R"({
      "type": "object", "required": ["data", "next_cursor", "has_more"],
      "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Delivery"}},
                     "next_cursor": {"type": ["string", "null"]}, "has_more": {"type": "boolean"}}})"},
    {"DeliveryDetail", R"({
      "allOf": [{"$ref": "#/components/schemas/Delivery"},
                {"type": "object", "required": ["attempts", "attempts_before"], "properties": {
                  "attempts": {"type": "array", "maxItems": 100, "items": {"$ref": "#/components/schemas/Attempt"}},
                  "attempts_before": {"type": ["integer", "null"],
                    "description": "Where earlier attempts are asked for; null: these are the first ones."}}}]})"},
    {"DeliveryRetried", R"({
      "type": "object", "required": ["id", "status", "attempts_made", "retries_by_hand", "next_attempt_at"],
      "properties": {"id": {"type": "string"}, "status": {"type": "string"}, "attempts_made": {"type": "integer"},
                     "retries_by_hand": {"type": "integer"},
                     "next_attempt_at": {"type": ["string", "null"]}}})"},
};

}  // namespace

std::span<const NamedSchema> v1_schemas() {
  return kSchemas;
}

}  // namespace exposee::api

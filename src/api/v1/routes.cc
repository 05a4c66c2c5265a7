// The calls under /v1.
#include "api/wire/routes.h"

namespace exposee::api {
namespace {

using http::Method;

constexpr std::string_view kEndpoints = "endpoints", kTypes = "event types", kEvents = "events",
                           kDeliveries = "deliveries";

ResponseDoc not_found_doc(std::string_view what) {
  return {404, what, "Problem"};
}
ResponseDoc invalid_doc() {
  return {422, "Invalid request", "Problem"};
}

ParameterDoc limit() {
  return {"limit", "query", "Page size.", R"({"type":"integer","minimum":1,"maximum":200,"default":50})"};
}
ParameterDoc cursor() {
  return {"cursor", "query", "`next_cursor` of the previous page. Empty: the first page.",
          R"({"type":"string","pattern":"^[0-9]{0,20}$","default":""})"};
}
ParameterDoc delivery_cursor() {
  return {"cursor", "query", "`next_cursor` of the previous page. Empty: the first page.",
          R"({"type":"string","pattern":"^(dlv_[0-9a-z]{26})?$","default":""})"};
}
ParameterDoc filter(std::string_view name, std::string_view description) {
  return {name, "query", description, R"({"type":"string","default":""})"};
}

ParameterDoc if_match() {
  return {"If-Match", "header", "Apply the change only if the endpoint's ETag still matches. Empty: always.",
          R"({"type":"string","default":""})"};
}
ResponseDoc changed_doc() {
  return {412, "The endpoint has changed since", "Problem"};
}

std::vector<Route> endpoint_routes() {
  return {
      {Method::post,
       "/v1/endpoints",
       create_endpoint,
       "createEndpoint",
       kEndpoints,
       "Create an endpoint",
       "`events` lists names of event types, prefixes such as `order.*`, or `*`. Names that are not declared "
       "yet are accepted and listed in `undeclared`. The response contains the signing secret, which "
       "`GET /v1/endpoints/{id}/secret` also shows.",
       "EndpointRequest",
       true,
       {},
       {{201, "The endpoint and its secret", "EndpointCreated"},
        {409, "An endpoint with this URL exists", "Problem"},
        invalid_doc()},
       true},
      {Method::get,
       "/v1/endpoints",
       list_endpoints,
       "listEndpoints",
       kEndpoints,
       "List endpoints",
       "Oldest first.",
       "",
       false,
       {limit(), cursor()},
       {{200, "A page of endpoints", "EndpointPage"}, invalid_doc()}},
      {Method::get,
       "/v1/endpoints/{id}",
       show_endpoint,
       "getEndpoint",
       kEndpoints,
       "Show an endpoint",
       "The ETag covers every member but `status`, `held_until` and `breaker`, which change by themselves. "
       "`If-None-Match` returns 304.",
       "",
       false,
       {},
       {{200, "The endpoint", "Endpoint"}, not_found_doc("Endpoint not found")}},
      {Method::patch,
       "/v1/endpoints/{id}",
       update_endpoint,
       "updateEndpoint",
       kEndpoints,
       "Change an endpoint",
       "Only the members that are sent change; `null` restores the server's default. Send `If-Match` to "
       "avoid overwriting someone else's change. `{\"disabled\": false}` enables a disabled endpoint again. "
       "`{\"paused\": false}` resumes it: it also ends a hold (`held_until`), and the next attempt is sent "
       "at once "
       "as the probe of an open breaker.",
       "EndpointChange",
       true,
       {if_match()},
       {{200, "The changed endpoint", "EndpointChanged"},
        not_found_doc("Endpoint not found"),
        changed_doc(),
        invalid_doc()}},
      {Method::del,
       "/v1/endpoints/{id}",
       remove_endpoint,
       "removeEndpoint",
       kEndpoints,
       "Remove an endpoint",
       "After this call returns, no new attempt starts. Pending deliveries are cancelled.",
       "",
       false,
       {if_match()},
       {{204, "Removed", ""}, not_found_doc("Endpoint not found"), changed_doc()}},
      {Method::get,
       "/v1/endpoints/{id}/secret",
       show_endpoint_secret,
       "getEndpointSecret",
       kEndpoints,
       "Show the signing secret",
       "Receivers verify deliveries with it.",
       "",
       false,
       {},
       {{200, "The secret", "EndpointSecret"}, not_found_doc("Endpoint not found")}},
      {Method::post,
       "/v1/endpoints/{id}/test",
       test_endpoint,
       "testEndpoint",
       kEndpoints,
       "Send a test delivery",
       "Sends one signed POST now. It belongs to no event and is not retried. The response shows what the "
       "receiver answered.",
       "EndpointTest",
       false,
       {},
       {{200, "The receiver's response", "EndpointTestReport"},
        not_found_doc("Endpoint not found"),
        invalid_doc()}},
  };
}

std::vector<Route> event_routes() {
  return {
      {Method::post,
       "/v1/event-types",
       declare_event_type,
       "declareEventType",
       kTypes,
       "Declare an event type",
       "A name consists of lower-case segments separated by dots. A name without dots and hyphens also works "
       "with the unprefixed calls.",
       "EventTypeRequest",
       true,
       {},
       {{201, "The event type", "EventType"}, {409, "The event type exists", "Problem"}, invalid_doc()},
       true},
      {Method::get,
       "/v1/event-types",
       list_event_types,
       "listEventTypes",
       kTypes,
       "List event types",
       "In the order in which they were declared.",
       "",
       false,
       {limit(), cursor()},
       {{200, "A page of event types", "EventTypePage"}, invalid_doc()}},
      {Method::post,
       "/v1/events",
       publish_event,
       "publishEvent",
       kEvents,
       "Publish one event, or several",
       "Returns once the event and its deliveries are stored on disk. `data` is sent byte for byte as "
       "received. An array of up to 1,000 events is stored in one transaction; each event is accepted or "
       "refused on its own and takes its own `idempotency_key`. The response has one result per event, in "
       "the same order.",
       "EventsRequest",
       true,
       {},
       {{202, "Accepted. For an array: one result per event", "EventsAccepted"},
        not_found_doc("Event type not found"),
        invalid_doc()},
       true},
      {Method::get,
       "/v1/events",
       list_events,
       "listEvents",
       kEvents,
       "List events",
       "Newest first, without their data. `deliveries` is the number of endpoints that the event went to: 0 "
       "when "
       "none was subscribed. A page can be shorter than `limit` even when `has_more` is true.",
       "",
       false,
       {filter("event", "The name of an event type."),
        filter("since", "Events accepted at or after this time (RFC 3339)."),
        filter("until", "Events accepted before this time (RFC 3339)."), limit(), cursor()},
       {{200, "A page of events", "EventPage"}, invalid_doc()}},
      {Method::get,
       "/v1/events/{id}",
       show_event,
       "getEvent",
       kEvents,
       "Show an event",
       "Takes the event's id (`evt_…`) or the id that receivers got (`msg_…`). Events never change, so the "
       "ETag "
       "is permanent.",
       "",
       false,
       {},
       {{200, "The event", "Event"}, not_found_doc("Event not found")}},
  };
}

std::vector<Route> delivery_routes() {
  return {
      {Method::get,
       "/v1/deliveries",
       list_deliveries,
       "listDeliveries",
       kDeliveries,
       "List deliveries",
       "Newest event first. A page can be shorter than `limit` even when `has_more` is true.",
       "",
       false,
       {filter("status", "pending (includes those in flight), in_flight, succeeded, exhausted or cancelled."),
        filter("event", "An event's id, or the name of an event type."),
        filter("endpoint", "An endpoint's id."),
        filter("cause",
               "Cause of the last failed attempt: http, timeout, dns, connect, tls, blocked, closed, "
               "bad_response or damaged."),
        filter("since", "Events accepted at or after this time (RFC 3339)."),
        filter("until", "Events accepted before this time (RFC 3339)."), limit(), delivery_cursor()},
       {{200, "A page of deliveries", "DeliveryPage"}, invalid_doc()}},
      {Method::get,
       "/v1/deliveries/{id}",
       show_delivery,
       "getDelivery",
       kDeliveries,
       "Show a delivery and its attempts",
       "The last 100 attempts are shown with what the receiver answered and how long each step took.",
       "",
       false,
       {{"attempts_before", "query",
         "Show the attempts before this number: `attempts_before` of the response. Empty: the last ones.",
         R"({"type":"string","pattern":"^([1-9][0-9]{0,8})?$","default":""})"}},
       {{200, "The delivery", "DeliveryDetail"}, not_found_doc("Delivery not found"), invalid_doc()}},
      {Method::post,
       "/v1/deliveries/{id}/retry",
       retry_delivery,
       "retryDelivery",
       kDeliveries,
       "Send a delivery again",
       "Makes one more attempt at once, also while the endpoint is held or its breaker is open: the attempt "
       "is then "
       "the probe. A pending delivery keeps its remaining attempts and the time of the next one; for an "
       "exhausted or "
       "cancelled delivery, the retry schedule restarts. At most 1,000 times for one delivery.",
       "",
       false,
       {},
       {{202, "The delivery is due now", "DeliveryRetried"},
        not_found_doc("Delivery not found"),
        {409, "The endpoint is paused, disabled or removed, or the delivery was retried too often",
         "Problem"}},
       true},
  };
}

}  // namespace

std::vector<Route> v1_routes() {
  auto all = endpoint_routes();
  for (auto& route : event_routes()) all.push_back(std::move(route));
  for (auto& route : delivery_routes()) all.push_back(std::move(route));
  return all;
}

}  // namespace exposee::api

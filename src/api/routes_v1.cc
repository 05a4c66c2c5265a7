// The calls under /v1.
#include "api/routes.h"

namespace exposee::api {
namespace {

using http::Method;

constexpr std::string_view kEndpoints = "endpoints", kTypes = "event types", kEvents = "events",
                           kDeliveries = "deliveries";

ResponseDoc not_found_doc(std::string_view what) {
  return {404, what, "Problem"};
}
ResponseDoc invalid_doc() {
  return {422, "The request breaks a rule", "Problem"};
}

ParameterDoc limit() {
  return {"limit", "query", "Rows of a page.",
          R"({"type":"integer","minimum":1,"maximum":200,"default":50})"};
}
ParameterDoc cursor() {
  return {"cursor", "query", "`next_cursor` of the page before; empty: the first page.",
          R"({"type":"string","default":""})"};
}
ParameterDoc filter(std::string_view name, std::string_view description) {
  return {name, "query", description, R"({"type":"string","default":""})"};
}

ParameterDoc if_match() {
  return {"If-Match", "header", "An ETag: only if the endpoint is still what was seen. Empty: in any case.",
          R"({"type":"string","default":""})"};
}
ResponseDoc changed_doc() {
  return {412, "The endpoint is not the one that If-Match names", "Problem"};
}

std::vector<Route> endpoint_routes() {
  return {
      {Method::post,
       "/v1/endpoints",
       create_endpoint,
       "createEndpoint",
       kEndpoints,
       "Create an endpoint",
       "`events` are names of event types, which may be declared later, `prefix.*` or `*`. The secret is "
       "shown once, here.",
       "EndpointRequest",
       true,
       {},
       {{201, "The endpoint, with its secret", "EndpointCreated"},
        {409, "An endpoint of that URL exists already", "Problem"},
        invalid_doc()},
       true},
      {Method::get,
       "/v1/endpoints",
       list_endpoints,
       "listEndpoints",
       kEndpoints,
       "List endpoints",
       "In the order of creation.",
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
       "With an ETag of all but `breaker`, which changes by itself; `If-None-Match` answers 304.",
       "",
       false,
       {},
       {{200, "The endpoint", "Endpoint"}, not_found_doc("No such endpoint")}},
      {Method::patch,
       "/v1/endpoints/{id}",
       update_endpoint,
       "updateEndpoint",
       kEndpoints,
       "Change an endpoint",
       "Only the members that are sent change; `null` goes back to the server's default. With `If-Match` no "
       "change of somebody else's is overwritten.",
       "EndpointChange",
       true,
       {if_match()},
       {{200, "The endpoint as it is now", "Endpoint"},
        not_found_doc("No such endpoint"),
        changed_doc(),
        invalid_doc()}},
      {Method::del,
       "/v1/endpoints/{id}",
       remove_endpoint,
       "removeEndpoint",
       kEndpoints,
       "Remove an endpoint",
       "Once this answered, no further attempt starts; what is still owed to it is cancelled.",
       "",
       false,
       {if_match()},
       {{204, "Removed", ""}, not_found_doc("No such endpoint"), changed_doc()}},
      {Method::get,
       "/v1/endpoints/{id}/secret",
       show_endpoint_secret,
       "getEndpointSecret",
       kEndpoints,
       "Show the signing secret",
       "",
       "",
       false,
       {},
       {{200, "The secret", "EndpointSecret"}, not_found_doc("No such endpoint")}},
      {Method::post,
       "/v1/endpoints/{id}/test",
       test_endpoint,
       "testEndpoint",
       kEndpoints,
       "Send one signed test POST now",
       "Belongs to no event and is not retried. The answer says what came back.",
       "EndpointTest",
       false,
       {},
       {{200, "What came back", "EndpointTestReport"}, not_found_doc("No such endpoint"), invalid_doc()}},
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
       "A name is lower-case segments divided by dots. One that is an identifier works through the "
       "contract's calls "
       "too.",
       "EventTypeRequest",
       true,
       {},
       {{201, "The event type", "EventType"},
        {409, "The event type exists already", "Problem"},
        invalid_doc()},
       true},
      {Method::get,
       "/v1/event-types",
       list_event_types,
       "listEventTypes",
       kTypes,
       "List event types",
       "In the order of declaration.",
       "",
       false,
       {limit(), cursor()},
       {{200, "A page of event types", "EventTypePage"}, invalid_doc()}},
      {Method::post,
       "/v1/events",
       publish_event,
       "publishEvent",
       kEvents,
       "Publish an event, or many",
       "Answers once the event and all deliveries that it owes are on disk. `data` is sent byte for byte as "
       "received. An array of up to 1,000 events is one transaction, in which each is accepted or refused on "
       "its own, under its own `idempotency_key`; the answer has one result for each, in their order.",
       "EventsRequest",
       true,
       {},
       {{202, "Accepted; of an array: taken, and each item says what became of it", "EventsAccepted"},
        not_found_doc("No such event type"),
        invalid_doc()},
       true},
      {Method::get,
       "/v1/events/{id}",
       show_event,
       "getEvent",
       kEvents,
       "Show an event",
       "By its id (`evt_…`) or the id that receivers got (`msg_…`). With an ETag: it never changes.",
       "",
       false,
       {},
       {{200, "The event", "Event"}, not_found_doc("No such event")}},
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
       "Newest event first. A page may be shorter than `limit` although `has_more` is true.",
       "",
       false,
       {filter("status", "pending (those in flight included), in_flight, succeeded, exhausted or cancelled."),
        filter("event", "Id of an event, or name of an event type."),
        filter("endpoint", "Id of an endpoint."),
        filter(
            "cause",
            "Of the last failed attempt: http, timeout, dns, connect, tls, blocked, closed or bad_response."),
        filter("since", "Events accepted at or after this time (RFC 3339)."),
        filter("until", "Events accepted before this time (RFC 3339)."), limit(), cursor()},
       {{200, "A page of deliveries", "DeliveryPage"}, invalid_doc()}},
      {Method::get,
       "/v1/deliveries/{id}",
       show_delivery,
       "getDelivery",
       kDeliveries,
       "Show a delivery and its attempts",
       "",
       "",
       false,
       {},
       {{200, "The delivery", "DeliveryDetail"}, not_found_doc("No such delivery")}},
      {Method::post,
       "/v1/deliveries/{id}/retry",
       retry_delivery,
       "retryDelivery",
       kDeliveries,
       "Send a delivery again",
       "One more attempt as soon as the endpoint has room. Of an exhausted or cancelled delivery the "
       "schedule begins "
       "again.",
       "",
       false,
       {},
       {{202, "The delivery is due now", "DeliveryRetried"},
        not_found_doc("No such delivery"),
        {409, "The endpoint takes no deliveries", "Problem"}},
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

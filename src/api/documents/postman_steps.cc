#include "api/documents/postman_steps.h"

namespace exposee::api {
namespace {

constexpr std::string_view kWebhooks = "1 · Webhooks", kUsers = "2 · Users and messages",
                           kUnregister = "3 · Unregister", kEndpoints = "4 · Endpoints (v1)",
                           kEvents = "5 · Events and deliveries (v1)", kDocuments = "6 · Documents";

constexpr std::string_view kHook = R"({"event": "user_registered", "url": "{{hookUrl}}"})";

constexpr PostmanStep kSteps[] = {
    {kWebhooks, "Check that the server is alive", "GET", "/livez", "", 200},
    {kWebhooks, "Check that it is ready", "GET", "/readyz", "", 200},
    {kWebhooks, "Register a URL", "POST", "/webhook", kHook, 200,
     R"(pm.test('says so', () => pm.expect(json.message).to.eql('Webhook registered successfully'));
pm.test('reports the event', () => pm.expect(json.event).to.eql('user_registered'));)"},
    {kWebhooks, "Register it again: taken", "POST", "/webhook", kHook, 400,
     R"(pm.test('says why', () => pm.expect(json.detail).to.include('already exists'));)"},
    {kWebhooks, "Register for an unknown event", "POST", "/webhook",
     R"({"event": "payment_received", "url": "{{hookUrl}}"})", 404,
     R"(pm.test('says why', () => pm.expect(json.detail).to.eql("Event 'payment_received' not found"));)"},
    {kWebhooks, "Register nothing: every fault at once", "POST", "/webhook", "{}", 422,
     R"(pm.test('names both fields', () => pm.expect(json.detail.map((fault) => fault.loc[1])).to.eql(['event', 'url']));)"},
    {kWebhooks, "List all", "GET", "/webhooks", "", 200,
     R"(pm.test('lists the URL', () => {
  const entry = json.webhooks.find((each) => each.event === 'user_registered');
  pm.expect(entry.urls).to.include(pm.collectionVariables.get('hookUrl'));
});)"},
    {kWebhooks, "List one event", "GET", "/webhooks?event_filter=user_registered", "", 200,
     R"(pm.test('lists it alone', () => pm.expect(json.webhooks).to.have.lengthOf(1));)"},
    {kWebhooks, "Ping: nothing listens there, and the report says so", "POST",
     "/ping?event_filter=user_registered", R"({"message": "Is anybody there?"})", 200,
     R"(pm.test('names the URL', () => {
  const all = [...json.successful_webhooks, ...json.failed_webhooks].map((each) => each.url);
  pm.expect(all).to.include(pm.collectionVariables.get('hookUrl'));
});
pm.test('counts', () => pm.expect(json.failed_webhooks_count).to.eql(json.failed_webhooks.length));)"},

    {kUsers, "Register Alice", "POST", "/users", R"({"username": "Alice-{{run}}"})", 200,
     R"(pm.test('stores the name in lower case', () => pm.expect(json.username).to.eql('alice-' + pm.collectionVariables.get('run')));)"},
    {kUsers, "Register her again: taken", "POST", "/users", R"({"username": "ALICE-{{run}}"})", 400,
     R"(pm.test('says why', () => pm.expect(json.detail).to.eql('Username already exists'));)"},
    {kUsers, "Register Bob", "POST", "/users", R"({"username": "bob-{{run}}"})", 200},
    {kUsers, "List users", "GET", "/users", "", 200,
     R"(pm.test('lists Bob', () => pm.expect(json.map((user) => user.username)).to.include('bob-' + pm.collectionVariables.get('run')));)"},
    {kUsers, "Send a message", "POST", "/users/messages",
     R"({"sender": "alice-{{run}}", "recipient": "bob-{{run}}", "subject": "Hello", "message": "How are you?"})",
     200, R"(pm.test('says when', () => pm.expect(json.received_at).to.match(/\+00:00$/));)"},
    {kUsers, "Send one to oneself: refused", "POST", "/users/messages",
     R"({"sender": "alice-{{run}}", "recipient": "alice-{{run}}", "subject": "Hello", "message": "Me"})", 400,
     R"(pm.test('says why', () => pm.expect(json.detail).to.eql('Sender and recipient cannot be the same'));)"},
    {kUsers, "List Bob's messages", "GET", "/users/messages?recipient=bob-{{run}}", "", 200,
     R"(pm.test('there is one', () => pm.expect(json).to.have.lengthOf(1));)"},
    {kUsers, "List messages without a recipient: the parameter is missing", "GET", "/users/messages", "", 422,
     R"(pm.test('names it', () => pm.expect(json.detail[0].loc).to.eql(['query', 'recipient']));)"},

    {kUnregister, "Unregister the URL", "DELETE", "/webhook", kHook, 204},
    {kUnregister, "Unregister it again: not found", "DELETE", "/webhook", kHook, 404,
     R"(pm.test('says why', () => pm.expect(json.detail).to.include('not found for event'));)"},

    {kEndpoints, "Declare an event type", "POST", "/v1/event-types",
     R"({"name": "order_{{run}}.paid", "description": "An order was paid"})", 201},
    {kEndpoints, "List event types", "GET", "/v1/event-types", "", 200,
     R"(pm.test('begins with the built-in ones', () => pm.expect(json.data[0].name).to.eql('user_registered'));)"},
    {kEndpoints, "Show the event type", "GET", "/v1/event-types/order_{{run}}.paid", "", 200,
     R"(pm.test('has its description', () => pm.expect(json.description).to.eql('An order was paid'));)"},
    {kEndpoints, "Create an endpoint", "POST", "/v1/endpoints",
     R"({"url": "{{hookUrl}}/orders", "events": ["order_{{run}}.*"], "description": "shop"})", 201,
     R"(pm.collectionVariables.set('endpoint', json.id);
pm.test('shows the secret', () => pm.expect(json.secret).to.match(/^whsec_/));
pm.test('knows the events', () => pm.expect(json.undeclared).to.eql([]));)"},
    {kEndpoints, "List endpoints", "GET", "/v1/endpoints?limit=200", "", 200,
     R"(pm.test('keeps the secret', () => pm.expect(pm.response.text()).not.to.include('whsec_'));)"},
    {kEndpoints, "Show the endpoint", "GET", "/v1/endpoints/{{endpoint}}", "", 200,
     R"(pm.test('has an ETag', () => pm.response.to.have.header('etag'));)"},
    {kEndpoints, "Change it", "PATCH", "/v1/endpoints/{{endpoint}}",
     R"({"description": "the shop", "timeout_ms": 5000})", 200,
     R"(pm.test('is changed', () => pm.expect(json.timeout_ms).to.eql(5000));)"},
    {kEndpoints, "Enable it: nothing changes, as it is not disabled", "POST",
     "/v1/endpoints/{{endpoint}}/enable", "", 200,
     R"(pm.test('is enabled', () => pm.expect(json.disabled_reason).to.be.oneOf([null, undefined]));)"},
    {kEndpoints, "Show its secret", "GET", "/v1/endpoints/{{endpoint}}/secret", "", 200},
    {kEndpoints, "Send a test delivery", "POST", "/v1/endpoints/{{endpoint}}/test", "{}", 200,
     R"(pm.test('says how it went', () => pm.expect(json.succeeded).to.be.a('boolean'));)"},

    {kEvents, "Publish an event", "POST", "/v1/events",
     R"({"event": "order_{{run}}.paid", "data": {"order": 7, "total": 12.50}})", 202,
     R"(pm.collectionVariables.set('event', json.id);
pm.test('goes to the endpoint', () => pm.expect(json.deliveries).to.be.at.least(1));)",
     "Idempotency-Key: order-{{run}}"},
    {kEvents, "Publish it again with the same key: the same reply", "POST", "/v1/events",
     R"({"event": "order_{{run}}.paid", "data": {"order": 7, "total": 12.50}})", 202,
     R"(pm.test('is the same event', () => pm.expect(json.id).to.eql(pm.collectionVariables.get('event')));)",
     "Idempotency-Key: order-{{run}}"},
    {kEvents, "Publish two in one array: each has its own reply", "POST", "/v1/events",
     R"([{"event": "order_{{run}}.paid", "data": {"order": 8}, "idempotency_key": "order-{{run}}-8"},
 {"event": "order_{{run}}.pad", "data": {"order": 9}}])",
     202,
     R"(pm.test('takes the first', () => pm.expect(json.data[0].status).to.eql(202));
pm.test('says what is wrong with the second', () => pm.expect(json.data[1].code).to.eql('event_type_not_found'));)"},
    {kEvents, "List events", "GET", "/v1/events?event=order_{{run}}.paid", "", 200,
     R"(pm.test('there are two', () => pm.expect(json.data).to.have.lengthOf(2));)"},
    {kEvents, "Show the event", "GET", "/v1/events/{{event}}", "", 200,
     R"(pm.test('keeps its data', () => pm.expect(json.data.order).to.eql(7));)"},
    {kEvents, "List its deliveries", "GET", "/v1/deliveries?event={{event}}&limit=200", "", 200,
     R"(const own = json.data.filter((each) => each.endpoint_id === pm.collectionVariables.get('endpoint'));
pm.test('there is one to the endpoint', () => pm.expect(own).to.have.lengthOf(1));
pm.collectionVariables.set('delivery', own[0].id);)"},
    {kEvents, "Show the delivery", "GET", "/v1/deliveries/{{delivery}}", "", 200,
     R"(pm.test('has attempts', () => pm.expect(json.attempts).to.be.an('array'));)"},
    {kEvents, "Send it again", "POST", "/v1/deliveries/{{delivery}}/retry", "", 202},
    {kEvents, "Remove the endpoint", "DELETE", "/v1/endpoints/{{endpoint}}", "", 204},
    {kEvents, "Show it: gone", "GET", "/v1/endpoints/{{endpoint}}", "", 404,
     R"(pm.test('is a problem', () => pm.expect(json.code).to.eql('endpoint_not_found'));)"},
    {kEvents, "Remove the event type", "DELETE", "/v1/event-types/order_{{run}}.paid", "", 204},
    {kEvents, "Publish an event of it: refused", "POST", "/v1/events",
     R"({"event": "order_{{run}}.paid", "data": {"order": 10}})", 404,
     R"(pm.test('says why', () => pm.expect(json.code).to.eql('event_type_not_found'));)"},
    {kEvents, "List its events: they stay", "GET", "/v1/events?event=order_{{run}}.paid", "", 200,
     R"(pm.test('under its name', () => pm.expect(json.data[0].event).to.eql('order_' + pm.collectionVariables.get('run') + '.paid'));)"},
    {kEvents, "Remove a built-in type: refused", "DELETE", "/v1/event-types/user_registered", "", 409,
     R"(pm.test('says why', () => pm.expect(json.code).to.eql('event_type_built_in'));)"},

    {kDocuments, "OpenAPI description", "GET", "/openapi.json", "", 200,
     R"(pm.test('is 3.1', () => pm.expect(json.openapi).to.match(/^3\.1\./));)"},
    {kDocuments, "This collection", "GET", "/postman.json", "", 200,
     R"(pm.test('has its name', () => pm.expect(json.info.name).to.eql('Exposee'));)"},
    {kDocuments, "Metrics", "GET", "/metrics", "", 200},
};

}  // namespace

std::span<const PostmanStep> postman_steps() {
  return kSteps;
}

}  // namespace exposee::api

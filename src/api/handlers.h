// One function per call: what it means. Each lives in the file of its family; api/wire/routes.h binds them to
// paths. All run on the server's thread, must not block, and answer exactly once (api/wire/call.h).
#pragma once

#include "api/wire/call.h"

namespace exposee::api {

// contract_webhooks.cc, ping.cc
void register_webhook(Call& call);
void unregister_webhook(Call& call);
void list_webhooks(Call& call);
void ping_webhooks(Call& call);

// contract_users.cc
void register_user(Call& call);
void list_users(Call& call);
void send_message(Call& call);
void list_messages(Call& call);

// v1_endpoints.cc, v1_endpoint_probe.cc
void create_endpoint(Call& call);
void list_endpoints(Call& call);
void show_endpoint(Call& call);
void update_endpoint(Call& call);
void remove_endpoint(Call& call);
void show_endpoint_secret(Call& call);
void test_endpoint(Call& call);

// v1_event_types.cc, v1_events.cc, v1_event_batch.cc
void declare_event_type(Call& call);
void list_event_types(Call& call);
void publish_event(Call& call);
void publish_events(Call& call);  // the body is an array
void list_events(Call& call);
void show_event(Call& call);

// v1_deliveries.cc
void list_deliveries(Call& call);
void show_delivery(Call& call);
void retry_delivery(Call& call);

// pages.cc
void show_root(Call& call);
void show_docs(Call& call);
void show_asset(Call& call);
void show_openapi(Call& call);
void show_postman(Call& call);
void show_livez(Call& call);
void show_readyz(Call& call);

}  // namespace exposee::api

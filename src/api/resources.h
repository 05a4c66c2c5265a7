// All resources, one line each, and the table that they make. A call is a row in its resource's file and nothing
// else; a new resource is a line here and one in resources.cc. Constant data; any thread.
#pragma once

#include <vector>

#include "api/wire/route.h"

namespace exposee::api {

Resource webhooks();              // contract/webhooks.cc
Resource pings();                 // contract/ping.cc
Resource users_and_messages();    // contract/users.cc
Resource contract_refusals();      // contract/refusal.cc
Resource endpoints();             // v1/endpoints.cc
Resource endpoint_bodies();       // v1/endpoint_body.cc
Resource endpoint_test_delivery();  // v1/endpoint_test_delivery.cc
Resource event_types();           // v1/event_types.cc
Resource events();                // v1/events.cc
Resource event_lists();           // v1/event_list.cc
Resource event_batches();         // v1/event_batch.cc
Resource deliveries();            // v1/deliveries.cc
Resource problem_bodies();        // v1/reply.cc
Resource health();                // operation/health.cc
Resource metrics();               // operation/metrics.cc
Resource pages();                 // documents/pages.cc

// All of them, in the order of the documents.
const std::vector<Resource>& resources();
const std::vector<Route>& routes();

}  // namespace exposee::api

#include "api/resources.h"

namespace exposee::api {

const std::vector<Resource>& resources() {
  static const std::vector<Resource> all{
      webhooks(),
      pings(),
      users_and_messages(),
      contract_refusals(),
      endpoints(),
      endpoint_bodies(),
      endpoint_test_delivery(),
      event_types(),
      events(),
      event_lists(),
      event_batches(),
      deliveries(),
      problem_bodies(),
      health(),
      metrics(),
      pages(),
  };
  return all;
}

const std::vector<Route>& routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> joined;
    for (const auto& resource : resources()) {
      joined.insert(joined.end(), resource.routes.begin(), resource.routes.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace exposee::api

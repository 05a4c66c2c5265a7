// Variables that begin like ours but come from others: a container platform gives every container those of
// each service of its namespace, and a service "exposee-web" arrives as EXPOSEE_WEB_SERVICE_HOST,
// EXPOSEE_WEB_PORT=tcp://10.0.0.1:80, EXPOSEE_WEB_PORT_80_TCP_ADDR and their kin (Kubernetes: "Environment
// variables" of services; Docker: legacy links). To refuse them would keep Exposee from starting there. Pure.
#pragma once

#include <string_view>

namespace exposee::app {

// `name` begins with "EXPOSEE_" and is not the variable of a setting.
bool is_foreign_variable(std::string_view name, std::string_view value);

}  // namespace exposee::app

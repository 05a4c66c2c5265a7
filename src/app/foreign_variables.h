// Variables that begin like ours but come from others: a container platform tells every container about a
// service of the name "exposee" in EXPOSEE_SERVICE_HOST, EXPOSEE_PORT_8000_TCP_ADDR and their kin
// (Kubernetes: "Environment variables" of services; Docker: legacy links). To refuse them would keep Exposee
// from starting there. Pure.
#pragma once

#include <string_view>

namespace exposee::app {

bool is_foreign_variable(std::string_view name);

}  // namespace exposee::app

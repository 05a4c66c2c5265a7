#include "app/foreign_variables.h"

namespace exposee::app {

bool is_foreign_variable(std::string_view name) {
  for (const std::string_view exact :
       {"EXPOSEE_SERVICE_HOST", "EXPOSEE_SERVICE_PORT", "EXPOSEE_PORT", "EXPOSEE_NAME"}) {
    if (name == exact) return true;
  }
  if (name.starts_with("EXPOSEE_SERVICE_PORT_")) return true;  // and the port's name
  constexpr std::string_view kPort = "EXPOSEE_PORT_";          // and the port's number
  return name.starts_with(kPort) && name.size() > kPort.size() && name[kPort.size()] >= '0' &&
         name[kPort.size()] <= '9';
}

}  // namespace exposee::app

#include "json/writer.h"

#include <fmt/format.h>

namespace exposee {

std::string millis_text(Duration duration) {
  const auto micros = duration.count() < 0 ? 0 : duration.count();
  return fmt::format("{}.{:03}", micros / 1000, micros % 1000);
}

}  // namespace exposee

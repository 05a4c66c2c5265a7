// config/exposee.default.toml, the manual of every setting, inside the binary: the defaults that run are the
// defaults that are documented. Constant data of the program: any thread, valid for the life of the process.
#pragma once

#include <string_view>

namespace exposee::embedded {

std::string_view default_config();

}  // namespace exposee::embedded

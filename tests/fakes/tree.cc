#include "fakes/tree.h"

namespace exposee::fakes {

std::string in_tree(std::string_view path) {
  return std::string(EXPOSEE_TREE "/").append(path);
}

}  // namespace exposee::fakes

// The files of this source tree that tests read: tables under tests/data, corpora, what is embedded. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee::fakes {

// `path` is relative to the top of the tree, e.g. "tests/data/blocked-networks.txt". Where the tree lies is known to
// one object file alone, so that every other is the same in each checkout and comes from the compiler's cache.
std::string in_tree(std::string_view path);

}  // namespace exposee::fakes

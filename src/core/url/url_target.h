// Path and query of a URL in normal form: a part of core/url/url.h. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee {

// `written`: everything after host and port without a fragment: "", "/a/../b", "?x=1", "/p?q". Valid UTF-8.
// Begins with '/'; dot segments are resolved (also when written %2e); the bytes the URL standard encodes in
// paths and queries are percent-encoded; all else, existing percent-encoding and empty segments among it,
// stays as it is.
std::string normal_target(std::string_view written);

}  // namespace exposee

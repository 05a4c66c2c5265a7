#include "api/wire/query.h"

#include <algorithm>

#include "core/url/percent.h"
#include "json/text.h"

namespace exposee::api {

std::optional<std::string> query_value(std::string_view raw, std::string_view name) {
  std::optional<std::string> found;
  while (!raw.empty()) {
    const auto end = raw.find('&');
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(end == raw.npos ? raw.size() : end + 1);
    const auto equals = pair.find('=');
    if (percent_decoded(pair.substr(0, equals), true) != name) continue;
    const std::string_view value = equals == pair.npos ? std::string_view{} : pair.substr(equals + 1);
    found = printable_utf8(percent_decoded(value, true));
  }
  return found;
}

std::vector<QueryName> query_names(std::string_view raw) {
  std::vector<QueryName> names;
  while (!raw.empty()) {
    const auto end = raw.find('&');
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(end == raw.npos ? raw.size() : end + 1);
    auto name = printable_utf8(percent_decoded(pair.substr(0, pair.find('=')), true));
    if (pair.empty()) continue;
    const auto known = std::ranges::find(names, name, &QueryName::name);
    if (known == names.end())
      names.push_back({std::move(name), 1});
    else
      ++known->count;
  }
  return names;
}

}  // namespace exposee::api

#include "api/wire/media_type.h"

#include "core/text/text.h"

namespace exposee::api {

bool is_json_type(std::string_view content_type) {
  constexpr std::string_view kTree = "application/", kBlanks = " \t";
  if (content_type == "application/json") return true;
  content_type = content_type.substr(0, content_type.find(';'));
  const auto begin = content_type.find_first_not_of(kBlanks);
  if (begin == content_type.npos) return false;
  content_type = content_type.substr(begin, content_type.find_last_not_of(kBlanks) - begin + 1);
  const std::string type = ascii_lower_case(content_type);
  if (!type.starts_with(kTree) || type.find('/', kTree.size()) != type.npos) return false;
  return type == "application/json" || type.ends_with("+json");
}

}  // namespace exposee::api

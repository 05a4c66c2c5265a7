#include "api/documents.h"

namespace exposee::api {

std::string with_base_url(std::string_view document, std::string_view base_url) {
  std::string text;
  text.reserve(document.size() + base_url.size());
  for (auto at = document.find(kBaseUrlMark); at != document.npos; at = document.find(kBaseUrlMark)) {
    text.append(document.substr(0, at)).append(base_url);
    document.remove_prefix(at + kBaseUrlMark.size());
  }
  return text.append(document);
}

}  // namespace exposee::api

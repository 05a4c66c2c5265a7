#include "api/documents/documents.h"

#include <algorithm>

#include "api/wire/etag.h"

namespace exposee::api {
namespace {

// A caller chooses its Host, so the names are bounded: 8 documents of 100 KB each.
constexpr std::size_t kMaxNames = 8;

}  // namespace

std::string with_base_url(std::string_view document, std::string_view base_url) {
  std::string text;
  text.reserve(document.size() + base_url.size());
  for (auto at = document.find(kBaseUrlMark); at != document.npos; at = document.find(kBaseUrlMark)) {
    text.append(document.substr(0, at)).append(base_url);
    document.remove_prefix(at + kBaseUrlMark.size());
  }
  return text.append(document);
}

Documents::Ref Documents::named(Template& document, const std::string& base_url) {
  const std::lock_guard lock(mutex_);
  auto& made = document.made;
  const auto known = std::ranges::find(made, base_url, &std::pair<std::string, Ref>::first);
  if (known != made.end()) return known->second;
  auto text = with_base_url(document.text, base_url);
  auto etag = etag_of(text);
  auto fresh = std::make_shared<const NamedDocument>(NamedDocument{std::move(text), std::move(etag)});
  if (made.size() == kMaxNames) made.erase(made.begin());
  made.emplace_back(base_url, fresh);
  return fresh;
}

}  // namespace exposee::api

#include "cli/client/curl_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace exposee::cli {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, CurlLibrary& curl) {
  return find(library, "curl_global_init", curl.global_init) && find(library, "curl_easy_init", curl.easy_init) &&
         find(library, "curl_easy_setopt", curl.easy_setopt) &&
         find(library, "curl_easy_perform", curl.easy_perform) &&
         find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
         find(library, "curl_easy_strerror", curl.easy_strerror) &&
         find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
         find(library, "curl_slist_append", curl.slist_append) &&
         find(library, "curl_slist_free_all", curl.slist_free_all);
}

std::string cannot_load(const char* reason) {
  return fmt::format("libcurl cannot be loaded ({}). On Debian and Ubuntu: apt-get install libcurl4",
                     reason == nullptr ? "a function is missing" : reason);
}

}  // namespace

std::expected<CurlLibrary, std::string> load_curl(const char* file) {
  void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::unexpected(cannot_load(::dlerror()));
  CurlLibrary curl;
  if (!find_all(library, curl)) return std::unexpected(cannot_load(::dlerror()));
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::unexpected(cannot_load("it does not start"));
  return curl;
}

}  // namespace exposee::cli

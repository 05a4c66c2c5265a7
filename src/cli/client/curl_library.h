// libcurl, loaded when a command first calls a server: the server itself must not carry the twenty-odd libraries
// that come with it (docs/decisions/0022-the-client-loads-libcurl.md). One place names the functions that are used; their types are
// curl's own. Loaded once for a process and never unloaded; one thread.
#pragma once

#define CURL_DISABLE_TYPECHECK  // the functions are called through pointers, which its macros cannot see
#include <curl/curl.h>

#include <expected>
#include <string>

namespace exposee::cli {

struct CurlLibrary {
  decltype(&::curl_global_init) global_init = nullptr;
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

// The error is a sentence with the way out.
std::expected<CurlLibrary, std::string> load_curl(const char* file = "libcurl.so.4");

}  // namespace exposee::cli

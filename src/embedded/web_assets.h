// The files of web/ that travel inside the binary, so that every page works with no network and no install
// folder. Generated at build from web/assets.txt (cmake/Embed.cmake). Constant data of the program: any
// thread, no owner, valid for the life of the process.
#pragma once

#include <span>
#include <string_view>

namespace exposee::embedded {

struct Asset {
  std::string_view path;          // as served, e.g. "/docs/docs.js"; unique
  std::string_view content_type;  // whole header value, e.g. "text/html; charset=utf-8"
  std::string_view bytes;         // the file as it is
  std::string_view gzip_bytes;    // the same as gzip (RFC 1952); empty where that saves nothing
  std::string_view etag;  // whole header value; weak, because it names both codings (RFC 9110 section 8.8.3)
};

// In the order of web/assets.txt.
std::span<const Asset> assets();

}  // namespace exposee::embedded

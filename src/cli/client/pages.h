// Lists that a server gives page by page ({data, next_cursor, has_more}), read up to a number of entries. A
// page may be shorter than was asked for, and even empty, before the end. The calling thread waits.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <string>

#include "cli/client/client.h"
#include "json/read.h"

namespace exposee::cli {

constexpr std::size_t kMaxPageEntries = 200;  // what a server gives at once (api/wire/page.h)
constexpr std::size_t kMaxPages = 10'000;     // a list that goes on longer is broken off, with its cursor

struct Listing {
  std::string data_json;    // "{…},{…}": the entries as the server wrote them, without brackets
  std::string next_cursor;  // empty: that was all
  std::size_t entries = 0;

  // As one page of the server's form.
  std::string json() const;
};

// `target`: with its query but for limit and cursor. `take`: called with each entry, in their order.
std::expected<Listing, Failure> read_pages(const Client& client, const std::string& target, std::string cursor,
                                           std::size_t limit,
                                           const std::function<void(const JsonElement&)>& take);

}  // namespace exposee::cli

#include "cli/client/pages.h"

#include <algorithm>

#include "cli/client/fields.h"
#include "cli/client/server.h"
#include "json/writer.h"

namespace exposee::cli {
namespace {

// "[ {…}, {…} ]" without brackets and blanks around.
std::string_view inside(std::string_view array) {
  if (array.size() < 2 || array.front() != '[') return {};
  return trimmed_json(array.substr(1, array.size() - 2));
}

std::expected<void, Failure> add_page(const std::string& body, Listing& listing,
                                      const std::function<void(const JsonElement&)>& take) {
  const auto page = expect_reply(body, "data");
  if (!page) return std::unexpected(page.error());
  each_item((*page)["data"], [&](const JsonElement& entry) {
    take(entry);
    ++listing.entries;
  });
  const auto entries = inside(raw_at(body, *page, "data"));
  if (!entries.empty() && !listing.data_json.empty()) listing.data_json += ',';
  listing.data_json += entries;
  listing.next_cursor = truth_at(*page, "has_more") ? text_at(*page, "next_cursor") : "";
  return {};
}

}  // namespace

std::string Listing::json() const {
  JsonWriter json;
  json.begin_object().raw_member("data", "[" + data_json + "]");
  json.text_or_null("next_cursor", next_cursor).member("has_more", !next_cursor.empty());
  return json.end_object().take();
}

std::expected<Listing, Failure> read_pages(const Client& client, const std::string& target, std::string cursor,
                                           std::size_t limit,
                                           const std::function<void(const JsonElement&)>& take) {
  Listing listing{.next_cursor = std::move(cursor)};
  for (std::size_t pages = 0; pages < kMaxPages && listing.entries < limit; ++pages) {
    std::string asked = target;
    const std::string before = listing.next_cursor;
    add_query(asked, "limit", std::to_string(std::min(limit - listing.entries, kMaxPageEntries)));
    add_query(asked, "cursor", listing.next_cursor);
    const auto reply = client.call("GET", asked);
    if (!reply) return std::unexpected(reply.error());
    if (auto added = add_page(reply->body, listing, take); !added) return std::unexpected(added.error());
    if (listing.next_cursor.empty() || listing.next_cursor == before) break;
  }
  return listing;
}

}  // namespace exposee::cli

// Paging of the lists under /v1: ?limit=&cursor= -> {data, next_cursor, has_more} and a Link header (RFC
// 8288). A cursor is opaque to callers and names a place, not a number of rows, so that new rows never shift
// a page. Pure; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/wire/call.h"
#include "api/wire/problem.h"
#include "api/wire/route.h"

namespace exposee::api {

constexpr std::uint32_t kDefaultPageRows = 50;
constexpr std::uint32_t kMaxPageRows = 200;

// The parameters of every list, documented.
inline ParameterDoc limit_doc() {
  return {"limit", "query", "Page size.", R"({"type":"integer","minimum":1,"maximum":200,"default":50})"};
}
inline ParameterDoc cursor_doc() {
  return {"cursor", "query", "`next_cursor` of the previous page; empty for the first page.",
          R"({"type":"string","pattern":"^[0-9]{0,20}$","default":""})"};
}

struct PageRequest {
  std::uint32_t limit = kDefaultPageRows;
  std::string cursor;  // empty: the first page
};
// A number in decimal digits and nothing else.
std::optional<std::uint64_t> whole_number(std::string_view text);

// Notes a limit that is not a number from 1 to kMaxPageRows.
PageRequest page_request(std::string_view query, std::vector<FieldError>& errors);

// The problem of a query whose parameters break rules.
Problem query_problem(std::vector<FieldError> errors);
FieldError parameter_error(std::string_view name, std::string message);

// 0 for the first page. Notes a cursor that is not one of this list.
std::uint64_t number_cursor(std::string_view cursor, std::vector<FieldError>& errors);

// Part of a list that is in memory, in the order of a number that each row has.
template <class Row>
struct NumberPage {
  std::vector<const Row*> rows;
  std::optional<std::string> next_cursor;
};
// `first_after(n)`: an iterator to the first row whose number is above n, in the list that ends with `end`; the
// cursor is the number of the last row of the page before.
template <class FirstAfter, class End, class NumberOf>
auto number_page(std::string_view query, FirstAfter first_after, End end, NumberOf number_of) {
  using Row = std::remove_cvref_t<decltype(*end)>;
  using Page = std::expected<NumberPage<Row>, Problem>;
  std::vector<FieldError> errors;
  const auto request = page_request(query, errors);
  const auto after = number_cursor(request.cursor, errors);
  if (!errors.empty()) return Page(std::unexpected(query_problem(std::move(errors))));
  NumberPage<Row> page;
  for (auto row = first_after(after); row != end; ++row) {
    if (page.rows.size() == request.limit) {
      page.next_cursor = std::to_string(number_of(*page.rows.back()));
      break;
    }
    page.rows.push_back(&*row);
  }
  return Page(std::move(page));
}

// `rows`: the JSON array. `query`: of the request, for the link to the next page, which is relative to it.
http::Response page_response(std::string rows, const std::optional<std::string>& next_cursor,
                             std::string_view query);

}  // namespace exposee::api

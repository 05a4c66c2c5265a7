// What queries for numbers alone say. Pure but for the query; the thread of its connection.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/result.h"
#include "store/sqlite/database.h"

namespace exposee::store {

// The first column of the first row; zero when there is no row, or it is NULL. Error: the query's.
template <class N>
Result<N> first_number(Query&& query) {
  N number{};
  if (query.step()) number = query.number<N>(0);
  EXPOSEE_TRY(query.result());
  return number;
}

// The first column of every row, in their order. Error: the query's.
template <class N>
Result<std::vector<N>> all_numbers(Query&& query) {
  std::vector<N> numbers;
  while (query.step()) numbers.push_back(query.number<N>(0));
  EXPOSEE_TRY(query.result());
  return numbers;
}

// Of the distances up to `most` one that is good, and none just before it is: by doubling, then halving the
// distance. Nothing: `most` is not good. `is_good`: Result<bool>(std::uint64_t); the distance zero is not.
template <class IsGood>
Result<std::optional<std::uint64_t>> nearest_good(std::uint64_t most, IsGood&& is_good) {
  std::uint64_t bad = 0, good = 0;
  while (good == 0 || good - bad > 1) {
    if (bad == most) return std::optional<std::uint64_t>{};
    const auto next =
        good == 0 ? bad + std::min(most - bad, std::max<std::uint64_t>(bad + 1, 1)) : bad + (good - bad) / 2;
    auto there = is_good(next);
    if (!there) return std::move(there).error();
    (*there ? good : bad) = next;
  }
  return std::optional(good);
}

}  // namespace exposee::store

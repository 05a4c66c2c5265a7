// What queries for numbers alone say. Pure but for the query; the thread of its connection.
#pragma once

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

}  // namespace exposee::store

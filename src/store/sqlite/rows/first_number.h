// What a query for one number says. Pure but for the query; the thread of its connection.
#pragma once

#include <utility>

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

}  // namespace exposee::store
